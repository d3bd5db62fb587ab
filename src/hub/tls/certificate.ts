/** A certificate with its key, checked before anything is served with it. */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { InvalidError, messageOf } from '../../lib/errors.ts';

export interface Certificate {
  /** PEM: the certificate, then those that lead to an authority. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** Names and addresses that it is good for; a name may begin with `*.`. */
  readonly names: readonly string[];
  /** In milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** @throws InvalidError saying which of the two is wrong, and how. */
export function parseCertificate(cert: string, key: string): Certificate {
  const parsed = parse(() => new X509Certificate(cert), 'the certificate is no PEM certificate');
  const privateKey = parse(() => createPrivateKey(key), 'the key is no PEM key without a password');
  if (!parsed.checkPrivateKey(privateKey)) {
    throw new InvalidError('the key is not the one of the certificate');
  }
  return {
    cert,
    key,
    names: namesOf(parsed),
    notBefore: Date.parse(parsed.validFrom),
    notAfter: Date.parse(parsed.validTo),
  };
}

/** @throws InvalidError when its time is over, or has not come. */
export function checkTime({ notBefore, notAfter }: Certificate, now = Date.now()): void {
  if (now > notAfter) throw new InvalidError(`the certificate has expired on ${dayOf(notAfter)}`);
  if (now < notBefore) {
    throw new InvalidError(`the certificate is not valid before ${dayOf(notBefore)}: is the clock right?`);
  }
}

/** Where clients find who has this certificate: its first name that is one. */
export function hostOf({ names }: Certificate): string | undefined {
  const name = names.find((each) => !each.startsWith('*'));
  return name?.includes(':') ? `[${name}]` : name;
}

export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].map((match) => match[1] ?? '');
}

function parse<T>(work: () => T, problem: string): T {
  try {
    return work();
  } catch (cause) {
    throw new InvalidError(`${problem}: ${messageOf(cause)}`, { cause });
  }
}
