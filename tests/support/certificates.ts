/** A certificate authority of a test's own, with a certificate for a server on 127.0.0.1 and one for its client. */
import { expect } from 'bun:test';
import { mkdtempSync, renameSync, mkdirSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificates extends Disposable {
  /** Holds ca.pem, cert.pem and key.pem, as docker wants them: the server's. */
  readonly server: string;
  /** The client's. */
  readonly client: string;
  /** A client's that another authority has signed. */
  readonly stranger: string;
}

export function makeCertificates(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), 'cais-certs-'));
  makeAuthority(directory, 'ca');
  makeAuthority(directory, 'other');
  return {
    server: issue(directory, 'server', 'ca'),
    client: issue(directory, 'client', 'ca'),
    stranger: issue(directory, 'stranger', 'other'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function makeAuthority(directory: string, name: string): void {
  const files = ['-keyout', `${name}-key.pem`, '-out', `${name}.pem`];
  openssl(directory, ['req', '-x509', ...newKey, ...files, '-days', '2', '-subj', `/CN=${name}`]);
}

function issue(directory: string, name: string, authority: string): string {
  const place = join(directory, name);
  mkdirSync(place);
  writeFileSync(
    join(place, 'extensions'),
    'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n',
  );
  openssl(place, ['req', ...newKey, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', `/CN=${name}`]);
  const signer = ['-CA', `../${authority}.pem`, '-CAkey', `../${authority}-key.pem`, '-CAcreateserial'];
  const files = ['-in', 'request.pem', '-out', 'cert.new', '-extfile', 'extensions'];
  openssl(place, ['x509', '-req', ...files, ...signer, '-days', '2']);
  renameSync(join(place, 'cert.new'), join(place, 'cert.pem'));
  copyFileSync(join(directory, 'ca.pem'), join(place, 'ca.pem'));
  return place;
}

function openssl(cwd: string, args: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(['openssl', ...args], { cwd });
  if (exitCode !== 0) expect.unreachable(`openssl ${args.join(' ')}: ${stderr.toString()}`);
}
