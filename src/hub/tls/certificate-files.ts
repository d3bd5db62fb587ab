/** A certificate and a key in files, which somebody renews: looked at every few seconds, since a directory that is swapped as a whole tells no watcher. */
import { readFile } from 'node:fs/promises';
import { InvalidError, messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { type Certificate, checkTime, dayOf, parseCertificate } from './certificate.ts';
import { type Certificates, CurrentCertificate } from './certificates.ts';
import type { CertificatePaths } from './tls-config.ts';

const lookInterval = 10_000;

export class CertificateFiles implements Certificates {
  readonly #paths: CertificatePaths;
  readonly #log: Log;
  readonly #current = new CurrentCertificate();
  readonly #timer: Timer;
  /** What was wrong at the last look: said once. */
  #problem = '';

  private constructor(paths: CertificatePaths, log: Log, first: Certificate, interval: number) {
    this.#paths = paths;
    this.#log = log;
    this.#current.replace(first);
    this.#timer = setInterval(() => void this.reload(), interval);
    this.#timer.unref();
  }

  /** @throws InvalidError for files that nothing can be served with. */
  static async open(paths: CertificatePaths, log: Log, interval = lookInterval): Promise<CertificateFiles> {
    return new CertificateFiles(paths, log, await readPair(paths), interval);
  }

  get current(): Certificate | undefined {
    return this.#current.value;
  }

  onChange(told: (certificate: Certificate) => void): void {
    this.#current.onChange(told);
  }

  async reload(): Promise<void> {
    try {
      const next = await readPair(this.#paths);
      this.#problem = '';
      if (this.#current.replace(next)) {
        this.#log.info({ names: next.names, until: dayOf(next.notAfter) }, 'another certificate is served');
      }
    } catch (error) {
      const problem = messageOf(error);
      if (problem !== this.#problem) this.#log.error({ error: problem }, 'the certificate stays as it was');
      this.#problem = problem;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
  }
}

async function readPair({ cert, key }: CertificatePaths): Promise<Certificate> {
  const texts = await Promise.all([readText(cert, '--tls-cert'), readText(key, '--tls-key')]);
  try {
    const certificate = parseCertificate(...texts);
    checkTime(certificate);
    return certificate;
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    throw new InvalidError(`cannot serve with ${cert} and ${key}: ${error.message}`, { cause: error });
  }
}

async function readText(path: string, flag: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new InvalidError(`cannot read the file of ${flag}: ${messageOf(cause)}`, { cause });
  }
}
