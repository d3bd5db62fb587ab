/** Connecting to an address that was looked at, for a name that might mean another one a moment later. */

/** The URL with the address in the place of its name: what is sent there says by `Host` which name is meant. */
export function urlAt({ protocol, port, pathname, search }: URL, address: string): URL {
  const host = address.includes(':') ? `[${address}]` : address;
  return new URL(`${protocol}//${host}${port && `:${port}`}${pathname}${search}`);
}
