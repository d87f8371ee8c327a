# The server in an image: built from source, run without root and without a package beyond libc.
# PostgreSQL is not in it: give it DATABASE_URL or DATABASE_URL_FILE (see docker-compose.yml).

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p leleka-server \
    && install -D -m 0755 target/release/leleka-server /out/leleka-server

FROM debian:bookworm-slim
RUN groupadd --system --gid 10001 leleka \
    && useradd --system --uid 10001 --gid leleka --no-create-home --home-dir /var/lib/leleka leleka \
    && install -d -o leleka -g leleka -m 0700 /var/lib/leleka
COPY --from=build /out/leleka-server /usr/local/bin/leleka-server
COPY LICENSE /usr/share/doc/leleka/LICENSE
USER 10001:10001
WORKDIR /var/lib/leleka
VOLUME /var/lib/leleka
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["leleka-server", "health", "--url", "http://127.0.0.1:9090"]
ENTRYPOINT ["leleka-server"]
CMD ["serve"]
