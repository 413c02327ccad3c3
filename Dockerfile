# The image: the static binary in a small system with what deploy scripts use. Two stages are of use by themselves:
#   docker build --target binary   nothing but the file, to COPY --from into an image of yours, or to `serve`
#   docker build                   bash, git, zip, jq and curl beside it
FROM rust:1-alpine AS build
# Alpine keeps one version of a package for each release: a pinned one is gone with the next.
# hadolint ignore=DL3018
RUN apk add --no-cache bash git musl-dev
WORKDIR /lambdry
COPY . .
RUN bash .ci/dist && cp "target/$(uname -m)-unknown-linux-musl/dist/lambdry" /usr/local/bin/

FROM scratch AS binary
COPY --from=build /usr/local/bin/lambdry /usr/local/bin/lambdry
ENV LAMBDRY_STATE_DIR=/state
VOLUME /state
ENTRYPOINT ["/usr/local/bin/lambdry"]

FROM alpine:3
# hadolint ignore=DL3018
RUN apk add --no-cache bash curl git jq zip
COPY --from=build /usr/local/bin/lambdry /usr/local/bin/lambdry
ENV LAMBDRY_STATE_DIR=/state
VOLUME /state
WORKDIR /work
ENTRYPOINT ["lambdry"]
