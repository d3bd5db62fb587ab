/** Package URLs: one name for a package wherever it is from. https://github.com/package-url/purl-spec */

export interface PackageUrlParts {
  /** `deb`, `npm`, `docker`; lower case. */
  readonly type: string;
  /** Its segments are divided by `/`. */
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
  /** Those without a value are left out. */
  readonly qualifiers?: Readonly<Record<string, string | undefined>>;
}

export function packageUrl({
  type,
  namespace = '',
  name,
  version = '',
  qualifiers = {},
}: PackageUrlParts): string {
  const path = [...namespace.split('/').filter(Boolean), name].map(encode).join('/');
  const query = Object.entries(qualifiers)
    .flatMap(([key, value]) => (value ? [`${key}=${encode(value)}`] : []))
    .toSorted()
    .join('&');
  return `pkg:${type}/${path}${version === '' ? '' : `@${encode(version)}`}${query === '' ? '' : `?${query}`}`;
}

/** A colon is written as it is; what is no text at all is not written. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('%3A', ':');
}
