FROM golang:1.26-bookworm AS build
WORKDIR /src
# A *.crt beside this file is trusted, for a proxy that signs with its own authority.
ENV SSL_CERT_DIR=/etc/ssl/certs:/src
ARG GOPROXY
COPY go.mod go.sum *.crt ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -o /grapevine ./cmd/grapevine

FROM debian:bookworm-slim
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /grapevine /usr/local/bin/grapevine
USER 65534:65534
# Nothing outside of a container reaches its loopback address. Publish the port only on the network of the users.
ENV ADDR=0.0.0.0:8080 LOG_FORMAT=json
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["grapevine", "healthcheck"]
ENTRYPOINT ["grapevine"]
CMD ["serve"]
