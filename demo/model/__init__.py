"""The model: trained when the image is built, served by a small HTTP server."""
