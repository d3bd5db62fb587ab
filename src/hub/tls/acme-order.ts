/** Gets a certificate from an authority by ACME (RFC 8555), proving by an answer over plain HTTP that the names are ours (http-01). */
import acme from 'acme-client';
import type { AcmeStore } from './acme-store.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import type { AcmeConfig } from './tls-config.ts';

/** In milliseconds: the authority is asked again how it gets on, with pauses that double. */
const firstPoll = 1000;

/** Takes seconds to minutes. @throws whatever the authority says; nothing is kept then but the account. */
export async function orderCertificate(
  { names, email, directory }: AcmeConfig,
  store: AcmeStore,
): Promise<Certificate> {
  const known = await store.account(directory);
  const accountKey = known?.key ?? String(await acme.crypto.createPrivateEcdsaKey());
  const client = new acme.Client({
    directoryUrl: directory,
    accountKey,
    backoffMin: firstPoll,
    ...(known && { accountUrl: known.url }),
  });
  if (!known) {
    await client.createAccount({
      termsOfServiceAgreed: true,
      ...(email !== undefined && { contact: [`mailto:${email}`] }),
    });
    // Before the order: an authority limits how many accounts are made.
    await store.keepAccount({ directory, key: accountKey, url: client.getAccountUrl() });
  }
  const [key, csr] = await acme.crypto.createCsr(
    { altNames: [...names] },
    await acme.crypto.createPrivateEcdsaKey(),
  );
  const cert = await client.auto({
    csr,
    termsOfServiceAgreed: true,
    challengePriority: ['http-01'],
    // Our own name may lead elsewhere from in here.
    skipChallengeVerification: true,
    challengeCreateFn: (_authorization, { token }, answer) => store.keepAnswer(token, answer),
    challengeRemoveFn: (_authorization, { token }) => store.removeAnswer(token),
  });
  return parseCertificate(cert, String(key));
}
