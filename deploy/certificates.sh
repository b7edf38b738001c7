#!/bin/sh
# Make the certificates of a Dask cluster: an authority, and one certificate for its scheduler,
# workers and clients, which accept nobody else.
#
#   sh certificates.sh FOLDER
#
# Copy authority.pem, cluster.pem and cluster-key.pem to all machines of the cluster: whoever has
# the key can run programs on them. Keep authority-key.pem elsewhere; it makes further certificates.
set -eu
if [ $# -ne 1 ]; then
	echo "usage: certificates.sh FOLDER" >&2
	exit 2
fi
umask 077
mkdir -p "$1"
cd "$1"
if [ -e authority.pem ]; then
	echo "$1/authority.pem exists: use another folder, or remove it first" >&2
	exit 1
fi
key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
# shellcheck disable=SC2086 # several words
openssl req -x509 $key -days 825 -subj /CN=authority -keyout authority-key.pem -out authority.pem
# shellcheck disable=SC2086
openssl req $key -subj /CN=cluster -keyout cluster-key.pem -out cluster.csr
openssl x509 -req -in cluster.csr -CA authority.pem -CAkey authority-key.pem -CAcreateserial \
	-days 825 -out cluster.pem
rm cluster.csr
