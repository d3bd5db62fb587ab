/** The source of the hub's certificate that the settings name. */
import type { Log } from '../../lib/log.ts';
import type { HubDatabase } from '../db/database.ts';
import { hostOf } from './certificate.ts';
import { AcmeStore } from './acme-store.ts';
import { CertificateFiles } from './certificate-files.ts';
import type { Certificates } from './certificates.ts';
import type { TlsConfig } from './tls-config.ts';

export interface HubTls extends AsyncDisposable {
  readonly certificates: Certificates;
  /** The name or address by which clients find the certificate right; undefined where only a pattern is certified. */
  readonly host: string | undefined;
  /** The answer to an authority's challenge; undefined for a token that is nobody's. */
  answerTo(token: string): Promise<string | undefined>;
}

/** @throws InvalidError for files that nothing can be served with. */
export async function openTls({ source }: TlsConfig, database: HubDatabase, log: Log): Promise<HubTls> {
  if ('files' in source) {
    const certificates = await CertificateFiles.open(source.files, log);
    return hubTls(certificates, certificates.current && hostOf(certificates.current), async () => undefined);
  }
  // The library is large, and hardly anybody's.
  const [{ AcmeCertificates }, { orderCertificate }] = await Promise.all([
    import('./acme-certificates.ts'),
    import('./acme-order.ts'),
  ]);
  const store = new AcmeStore(database);
  const order = () => orderCertificate(source.acme, store);
  const certificates = new AcmeCertificates({ config: source.acme, database, store, log, order });
  return hubTls(certificates, source.acme.names[0], (token) => store.answerTo(token));
}

function hubTls(certificates: Certificates, host: string | undefined, answerTo: HubTls['answerTo']): HubTls {
  return { certificates, host, answerTo, [Symbol.asyncDispose]: () => certificates[Symbol.asyncDispose]() };
}
