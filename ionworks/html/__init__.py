"""HTML in which notebooks show clients, records, results and progress.

It is static and made of what is in memory: no scripts, no images from elsewhere, no requests.
"""
