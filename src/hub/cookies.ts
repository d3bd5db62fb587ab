/** Cookies: read from a request, written for this origin only, out of every script's reach. */

/** Undefined when it is absent or empty. */
export function readCookie(request: Request, name: string): string | undefined {
  const cookies = request.headers.get('Cookie')?.split(';') ?? [];
  const found = cookies.map((cookie) => cookie.trim()).find((cookie) => cookie.startsWith(`${name}=`));
  return found?.slice(name.length + 1) || undefined;
}

/** For `Set-Cookie`. @param maxAge in seconds; 0 takes it away. @param isSecure that it is sent over TLS only. */
export function cookieHeader(name: string, value: string, maxAge: number, isSecure: boolean): string {
  const secure = isSecure ? '; Secure' : '';
  return `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
}
