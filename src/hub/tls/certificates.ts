/** Where the hub's certificate comes from: files (certificate-files.ts), or an authority that gives them out (acme-certificates.ts). */
import type { Certificate } from './certificate.ts';

export interface Certificates extends AsyncDisposable {
  /** Undefined as long as there has been none. */
  readonly current: Certificate | undefined;
  /** Calls `told` with each one that takes the place of `current` from here on. */
  onChange(told: (certificate: Certificate) => void): void;
  /** Looks for another one now. Never rejects: what is wrong goes to the log, and the current one stays. */
  reload(): Promise<void>;
}

/** The one in force, and who wants to know of the next. */
export class CurrentCertificate {
  readonly #told: ((certificate: Certificate) => void)[] = [];
  #value: Certificate | undefined;

  get value(): Certificate | undefined {
    return this.#value;
  }

  /** True when it is another one. @throws what somebody who is told throws: it is not in force then. */
  replace(next: Certificate): boolean {
    if (next.cert === this.#value?.cert && next.key === this.#value.key) return false;
    for (const tell of this.#told) tell(next);
    this.#value = next;
    return true;
  }

  onChange(told: (certificate: Certificate) => void): void {
    this.#told.push(told);
  }
}
