# Debian's packages of Tryton 6.0 and PostgreSQL. Sourced by up.

packages=(tryton-server tryton-proteus tryton-modules-sale tryton-modules-sale-price-list
  tryton-modules-account-invoice-stock gunicorn postgresql python3-psycopg2)

require_packages() {
  local missing=() package
  for package in "${packages[@]}"; do
    # shellcheck disable=SC2016
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    die "this needs Debian 12 and its packages ${missing[*]}"
  [ "$(id -u)" = 0 ] || die "not installed: ${missing[*]}
Run as root: apt-get install --no-install-recommends ${missing[*]}"
  say "installing ${missing[*]}"
  install_packages "${missing[@]}"
}

# The packages would start services of their own (Tryton on 8000, PostgreSQL on 5432). Debian's way to
# forbid that is /usr/sbin/policy-rc.d; containers have one already.
install_packages() {
  local policy=/usr/sbin/policy-rc.d log
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    # shellcheck disable=SC2064
    trap "rm -f $policy" EXIT
  fi
  log=$(mktemp)
  # The machine's package lists may be missing or old.
  apt_get install "$@" >"$log" 2>&1 ||
    { apt_get update && apt_get install "$@"; } >>"$log" 2>&1 ||
    die "apt-get failed" "$log"
  rm -f "$log"
}

apt_get() {
  local options=(-qq -y -o Dpkg::Use-Pty=0)
  [ "$1" = update ] || options+=(--no-install-recommends)
  DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" "$@"
}

# Names what the modules put into a database: the versions of the packages they come from.
packages_stamp() {
  # shellcheck disable=SC2016
  dpkg-query -W -f '${Package} ${Version}\n' tryton-server \
    tryton-modules-{account,account-invoice,account-invoice-stock,account-product,company,country} \
    tryton-modules-{currency,party,product,product-price-list,sale,sale-price-list,stock} |
    sort | cksum | cut -d' ' -f1
}
