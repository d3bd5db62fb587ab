import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { type Certificates, makeCertificates } from '../../../tests/support/certificates.ts';
import { freePort } from '../../../tests/support/running-cais.ts';
import { RunningEngine, unframe } from '../../../tests/support/running-engine.ts';
import { type ClientTls, parseAddress } from '../../engine-api/address.ts';
import { EngineClient } from '../../engine-api/client.ts';
import { UnavailableError } from '../../lib/errors.ts';
import { run } from '../../lib/subprocess.ts';

let certificates: Certificates;
let engine: RunningEngine;
let port: number;

beforeAll(async () => {
  certificates = makeCertificates();
  port = await freePort();
  const { server } = certificates;
  engine = await RunningEngine.start({
    hosts: [`tcp://127.0.0.1:${port}`],
    tlsverify: true,
    tlscacert: `${server}/ca.pem`,
    tlscert: `${server}/cert.pem`,
    tlskey: `${server}/key.pem`,
  });
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  certificates[Symbol.dispose]();
});

function connect(tls?: ClientTls): EngineClient {
  const address = parseAddress(`tcp://127.0.0.1:${port}`, tls);
  return new EngineClient({ address: () => address, userAgent: 'test' });
}

function tlsOf(directory: string): Required<ClientTls> {
  const read = (name: string): string => readFileSync(`${directory}/${name}`, 'utf8');
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem'), verifies: true };
}

function clientOf(directory: string): EngineClient {
  return connect(tlsOf(directory));
}

describe('a tcp host with mutual TLS', () => {
  test('serves who has a certificate', async () => {
    expect(await clientOf(certificates.client).get('/version')).toMatchObject({ ApiVersion: '1.50' });
  });

  test('refuses who has none, one of another authority, or speaks plain HTTP', async () => {
    const { ca } = tlsOf(certificates.client);
    const nobody = connect({ ca, verifies: true });
    await expect(nobody.get('/version')).rejects.toThrow(UnavailableError);
    await expect(clientOf(certificates.stranger).get('/version')).rejects.toThrow(UnavailableError);
    await expect(connect().get('/version')).rejects.toThrow(UnavailableError);
  });

  test('is not believed by a client that trusts another authority', async () => {
    const { cert: ca } = tlsOf(certificates.stranger);
    const client = connect({ ...tlsOf(certificates.client), ca });
    await expect(client.get('/version')).rejects.toThrow(UnavailableError);
    const id = await engine.create(['true']);
    await expect(client.hijack(`/containers/${id}/attach`, { stdout: true })).rejects.toThrow(
      UnavailableError,
    );
  });

  test('streams both ways; the end of the input is not the end of the output', async () => {
    const id = await engine.create(['sh', '-c', 'wc -c; echo after'], {
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
    });
    const query = { stream: true, stdin: true, stdout: true };
    const stream = await clientOf(certificates.client).hijack(`/containers/${id}/attach`, query);
    await engine.call('POST', `/containers/${id}/start`);
    for (let sent = 0; sent < 64; sent++) await stream.write(new Uint8Array(64 * 1024));
    stream.closeWrite();
    const bytes = Buffer.from(await new Response(stream.readable).arrayBuffer());
    expect(unframe(bytes).stdout).toBe(`${64 * 64 * 1024}\nafter\n`);
  });

  test('serves the stock docker CLI', async () => {
    const { exitCode, stdout, stderr } = await run(
      ['docker', 'run', '--rm', '-i', '--network=none', 'busybox', 'sh', '-c', 'cat; echo end'],
      {
        input: Buffer.from('typed\n'),
        env: {
          ...process.env,
          DOCKER_HOST: `tcp://127.0.0.1:${port}`,
          DOCKER_TLS_VERIFY: '1',
          DOCKER_CERT_PATH: certificates.client,
        },
      },
    );
    expect([exitCode, stdout, stderr]).toEqual([0, 'typed\nend\n', '']);
  });
});
