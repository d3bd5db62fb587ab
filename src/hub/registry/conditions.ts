/** Conditional requests: what a client has already is not sent again. https://www.rfc-editor.org/rfc/rfc9110#section-13 */

/** True when the client holds what this entity tag names. A digest is content, so weak and strong tags are the same. */
export function isHeldByClient(request: Request, etag: string): boolean {
  const header = request.headers.get('If-None-Match');
  if (header === null) return false;
  if (header === etag) return true;
  return header.split(',').some((each) => {
    const tag = each.trim();
    return tag === '*' || tag === etag || tag === `W/${etag}`;
  });
}

/** The range asked for; none when it was asked for on a condition that does not hold: then the client wants all of it. */
export function rangeOf(request: Request, etag: string): string | undefined {
  const condition = request.headers.get('If-Range');
  if (condition !== null && condition !== etag) return undefined;
  return request.headers.get('Range') ?? undefined;
}
