#!/bin/sh
# Installs what only the tests need and pip cannot bring: Redis, RabbitMQ, NATS, Chromium and curl.
# Without root, sudo or apt-get, one sentence names what to install.

missing=
if [ -z "$REDIS_URL" ] && ! command -v redis-server >/dev/null; then
    missing="redis-server"
fi
command -v rabbitmq-server >/dev/null || [ -x /usr/sbin/rabbitmq-server ] ||
    missing="$missing rabbitmq-server"
command -v nats-server >/dev/null || [ -x /usr/sbin/nats-server ] || missing="$missing nats-server"
if ! command -v chromium >/dev/null; then
    missing="$missing chromium fonts-liberation"
fi
command -v curl >/dev/null || missing="$missing curl"
[ -n "$missing" ] || exit 0
# shellcheck disable=SC2086 # a list of packages
set -- $missing

if ! command -v apt-get >/dev/null; then
    echo "The tests need these programs, please install them: $*." >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "The tests need Debian packages, please run: sudo apt-get install $*" >&2
    exit 1
fi
echo "Installing for the tests: $*"
# RUNLEVEL=1 keeps the packages from starting system-wide servers.
$as_root apt-get update -q &&
    $as_root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "$@"
