#!/bin/sh
# Make the certificates of a Dask cluster: those of its scheduler, workers and clients, which accept
# only each other. Everything is in a folder that only you can read.
#
#   sh certificates.sh FOLDER NAME...     names and addresses of the scheduler, such as scheduler
#
# Copy ca.pem, cluster.pem and cluster-key.pem to all machines of the cluster. Whoever has the key
# can run programs on them. Keep ca-key.pem elsewhere: it makes further certificates.
set -eu
if [ $# -lt 2 ]; then
	echo "usage: certificates.sh FOLDER NAME..." >&2
	exit 2
fi
folder=$1
shift
umask 077
mkdir -p "$folder"
cd "$folder"
if [ -e ca.pem ]; then
	echo "$folder/ca.pem exists: use another folder, or remove it first" >&2
	exit 1
fi
names=
for name in "$@"; do
	case $name in
	*[!0-9.]*) kind=DNS ;;
	*) kind=IP ;;
	esac
	names=${names:+$names,}$kind:$name
done
openssl req -x509 -newkey rsa:3072 -nodes -days 825 -subj "/CN=ionworks cluster" \
	-keyout ca-key.pem -out ca.pem 2>/dev/null
openssl req -newkey rsa:3072 -nodes -subj "/CN=ionworks" \
	-keyout cluster-key.pem -out cluster.csr 2>/dev/null
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$names" > extensions
openssl x509 -req -in cluster.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 825 \
	-extfile extensions -out cluster.pem 2>/dev/null
rm cluster.csr extensions
