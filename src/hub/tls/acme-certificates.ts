/** The hub's certificate by ACME: ordered, kept, renewed with a third of its life left. Of several copies of a hub one orders. */
import { InvalidError, messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { HubDatabase } from '../db/database.ts';
import type { AcmeStore } from './acme-store.ts';
import { type Certificate, dayOf, parseCertificate } from './certificate.ts';
import { type Certificates, CurrentCertificate } from './certificates.ts';
import type { AcmeConfig } from './tls-config.ts';

export interface AcmeParts {
  readonly config: AcmeConfig;
  readonly database: HubDatabase;
  readonly store: AcmeStore;
  readonly log: Log;
  readonly order: () => Promise<Certificate>;
}

/** In milliseconds, between two looks at what is kept and at the clock: with a certificate, and without one. */
const [lookInterval, firstLookInterval] = [10_000, 1000];
/** After the first failure; it doubles with each one that follows. Authorities limit failures by the hour. */
const [firstPause, longestPause] = [60_000, 6 * 3600_000];
/** How long an order may hold up the end of the hub; the authority forgets one that is left. */
const endingTime = 1000;

export class AcmeCertificates implements Certificates {
  readonly #parts: AcmeParts;
  readonly #current = new CurrentCertificate();
  #timer: Timer | undefined;
  #looking: Promise<void> | undefined;
  #failures = 0;
  #nextOrder = 0;
  #isEnding = false;

  constructor(parts: AcmeParts) {
    this.#parts = parts;
  }

  get current(): Certificate | undefined {
    return this.#current.value;
  }

  onChange(told: (certificate: Certificate) => void): void {
    this.#current.onChange(told);
  }

  /** The first call begins the looks that go on by themselves. */
  reload(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
      this.#lookLater();
    });
    return this.#looking;
  }

  #lookLater(): void {
    clearTimeout(this.#timer);
    if (this.#isEnding) return;
    this.#timer = setTimeout(() => void this.reload(), this.current ? lookInterval : firstLookInterval);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const { config, database, store, log, order } = this.#parts;
    try {
      if (this.#serveKept(await this.#kept())) return;
      if (Date.now() < this.#nextOrder) return;
      await database.alone('acme', async () => {
        // Another copy may have been quicker.
        if (this.#serveKept(await this.#kept())) return;
        log.info({ names: config.names, directory: config.directory }, 'ordering a certificate');
        const fresh = await order();
        await store.keepCertificate(fresh);
        this.#serveKept(fresh);
      });
      this.#failures = 0;
    } catch (error) {
      const pause = Math.min(firstPause * 2 ** this.#failures, longestPause);
      this.#failures += 1;
      this.#nextOrder = Date.now() + pause;
      const again = new Date(this.#nextOrder).toISOString();
      log.error({ error: messageOf(error), failures: this.#failures, again }, 'no certificate was given');
    }
  }

  async #kept(): Promise<Certificate | undefined> {
    const pair = await this.#parts.store.certificate();
    if (!pair) return undefined;
    try {
      return parseCertificate(pair.cert, pair.key);
    } catch (error) {
      // Nothing can be served with it: as if there were none.
      if (error instanceof InvalidError) return undefined;
      throw error;
    }
  }

  /** Serves what is there, even near its end. @returns false when another one has to be ordered. */
  #serveKept(certificate: Certificate | undefined): boolean {
    if (!certificate || !this.#isForUs(certificate)) return false;
    if (this.#current.replace(certificate)) {
      const { names, notAfter } = certificate;
      this.#parts.log.info({ names, until: dayOf(notAfter) }, 'another certificate is served');
    }
    return !isDue(certificate);
  }

  #isForUs({ names }: Certificate): boolean {
    return this.#parts.config.names.every((name) => names.includes(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#timer);
    await Promise.race([this.#looking, Bun.sleep(endingTime)]);
  }
}

/** With a third of its life left. */
export function isDue({ notBefore, notAfter }: Certificate, now = Date.now()): boolean {
  return now >= notAfter - (notAfter - notBefore) / 3;
}
