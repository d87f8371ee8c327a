#!/bin/sh
# Makes the secret files that docker-compose.yml mounts, once: a random database password and the connection
# string that holds it. Never prints a secret, never replaces one that is there.
set -eu
cd "$(dirname "$0")/../.."

dir=secrets
if [ -e "$dir/postgres_password" ] || [ -e "$dir/database_url" ]; then
    echo "$dir/ holds secrets already; nothing was changed" >&2
    exit 1
fi

# The directory is closed to other users of this machine. The files in it are readable, because the two
# containers read them as two different users that own nothing here.
umask 077
mkdir -p "$dir"
chmod 700 "$dir"
# Never committed, whatever the working copy's own ignore file says.
echo '*' >"$dir/.gitignore"
password=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
[ "${#password}" -eq 64 ] || { echo "no random bytes from /dev/urandom" >&2; exit 1; }
printf '%s' "$password" >"$dir/postgres_password"
printf 'postgresql://leleka:%s@postgres:5432/leleka' "$password" >"$dir/database_url"
chmod 444 "$dir/postgres_password" "$dir/database_url"
echo "made $dir/postgres_password and $dir/database_url"
