/** Registry tokens that are not ours, over HTTP: refused with 401 and a challenge, never believed and never a fault of the hub. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { exportJWK, exportPKCS8, exportSPKI, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { bodyOf, HubFixture } from '../testing/hub-fixture.ts';
import { tokenClaims, tokenSigner } from '../testing/token-signer.ts';
import { issuer } from './token.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

interface Published {
  readonly keys: readonly (JWK & { readonly kid: string })[];
}

const manifest = '/v2/alice/secret/manifests/latest';

function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

describe('a forged token', () => {
  const resources = new AsyncDisposableStack();
  let hub: HubFixture;
  let kid = '';
  let published: JWK = {};

  beforeAll(async () => {
    hub = resources.use(await HubFixture.create('alice'));
    const token = await hub.session('alice');
    const body = { namespace: 'alice', name: 'secret', is_private: true };
    await hub.send('POST', '/v2/repositories', { token, body });
    await hub.pushImage('alice', 'alice/secret', 'latest');
    const { keys } = await bodyOf<Published>(await hub.send('GET', '/.well-known/jwks.json'));
    published = keys[0] ?? {};
    kid = keys[0]?.kid ?? '';
  });

  afterAll(() => resources.disposeAsync());

  async function expectRefusal(token: string): Promise<void> {
    const response = await hub.send('GET', manifest, { token });
    expect(response.status).toBe(401);
    expect(response.headers.get('WWW-Authenticate')).toContain('error="invalid_token"');
    expect((await hub.send('GET', '/v2/', { token })).status).toBe(401);
    expect((await hub.send('GET', '/v2/_catalog', { token })).status).toBe(401);
    expect((await hub.send('GET', '/v1/search?q=secret', { token })).status).toBe(401);
  }

  test('is told apart from one of the hub, signed in the same way', async () => {
    const { sign } = await tokenSigner(hub);
    expect((await hub.send('GET', manifest, { token: await sign({}) })).status).toBe(200);
  });

  test('signed by its own key is refused, wherever it says that the key is', async () => {
    const keys = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(keys.publicKey);
    const headers: object[] = [
      {},
      { kid },
      { jwk },
      { kid, jwk },
      { jku: 'http://hub.test/keys' },
      { x5u: 'http://hub.test/cert' },
      { x5c: [encode('certificate')] },
      { kid: '../../x' },
      { kid: "' OR 1=1 --" },
      { kid: '/dev/null' },
      { kid: 'x'.repeat(5000) },
      { crit: ['own'], own: true, kid },
    ];
    for (const header of headers) {
      const signer = new SignJWT(tokenClaims());
      await expectRefusal(
        await signer
          .setProtectedHeader({ alg: 'ES256', ...header })
          .sign(keys.privateKey, { crit: { own: true } }),
      );
    }
    const rsa = await generateKeyPair('RS256', { extractable: true });
    const rsaJwk = await exportJWK(rsa.publicKey);
    await expectRefusal(
      await new SignJWT(tokenClaims())
        .setProtectedHeader({ alg: 'RS256', kid, jwk: rsaJwk })
        .sign(rsa.privateKey),
    );
  });

  test('with no signature, or with the public key as a shared secret, is refused', async () => {
    const key = await importJWK(published, 'ES256', { extractable: true });
    if (key instanceof Uint8Array) throw new TypeError('no public key');
    const pem = await exportSPKI(key);
    const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
    const body = encode(tokenClaims());
    for (const alg of ['none', 'None', 'NONE', '']) {
      await expectRefusal(`${encode({ alg, kid })}.${body}.`);
      await expectRefusal(`${encode({ alg, kid })}.${body}`);
    }
    for (const secret of [pem, pem.trim(), der, JSON.stringify(published), published.x ?? '', kid, ' ']) {
      const text = `${encode({ alg: 'HS256', kid })}.${body}`;
      const hmac = new Bun.CryptoHasher('sha256', secret).update(text).digest('base64url');
      await expectRefusal(`${text}.${hmac}`);
    }
  });

  test.each<[string, Record<string, unknown>]>([
    ['an end in words', { exp: '2099-01-01' }],
    ['an end as text', { exp: '9999999999' }],
    ['an end that no clock reaches', { exp: 1e99 }],
    ['a negative end', { exp: -1 }],
    ['an end in a list', { exp: [9_999_999_999] }],
    ['no end', { exp: undefined }],
    ['a beginning in the future', { nbf: Math.floor(Date.now() / 1000) + 1000 }],
    ['no issuer', { iss: undefined }],
    ['an issuer in a list', { iss: [issuer] }],
    ['another issuer', { iss: 'auth.docker.io' }],
    ['another service', { aud: 'registry.docker.io' }],
    ['no service', { aud: [] }],
    ['a subject in a list', { sub: ['1'] }],
    ['a subject as a number', { sub: 1 }],
    ['a subject beyond numbers', { sub: '9'.repeat(40) }],
    ['an access token in words', { access_token: '1' }],
    ['access of an unknown type', { access: [{ type: 'everything', name: '*', actions: ['*'] }] }],
    ['access to everything', { access: [{ type: 'repository', name: 'alice/secret', actions: ['*'] }] }],
    ['access as an object', { access: { length: 1 } }],
  ])('of the hub’s own key but with %s is refused', async (_, change) => {
    const { sign } = await tokenSigner(hub);
    await expectRefusal(await sign(change));
  });

  test('of the hub’s own key for an account that is not there, or its access token, opens nothing', async () => {
    const { sign } = await tokenSigner(hub);
    for (const change of [{ sub: '999' }, { access_token: 999 }, { sub: '', access_token: 1 }]) {
      const response = await hub.send('GET', manifest, { token: await sign(change) });
      expect(response.status).toBe(401);
    }
  });

  test('that was changed, cut or padded is refused', async () => {
    const { sign, jwk } = await tokenSigner(hub);
    const good = await sign({});
    const [header = '', payload = '', signature = ''] = good.split('.');
    const doubled = JSON.stringify(tokenClaims({ sub: '999' })).replace('{', '{"sub":"1",');
    const forged = [
      `${header}.${encode(tokenClaims({ sub: '2' }))}.${signature}`,
      `${header}.${encode(doubled)}.${signature}`,
      `${header}.${payload}.${signature}=`,
      `${header}.${payload}=.${signature}`,
      `${good}.`,
      `${good}x`,
      `${good}, ${good}`,
      `.${payload}.${signature}`,
      `${header}..${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${encode('\0'.repeat(64))}`,
      `${header}.${payload}.${signature}`.toUpperCase(),
      good.slice(0, -10),
      encode(await exportPKCS8(await generateExtractable())),
      JSON.stringify(jwk),
      'x'.repeat(1_000_000),
      '.'.repeat(10_000),
      '',
    ];
    for (const token of forged) {
      const response = await hub.send('GET', manifest, { token });
      expect([token.slice(0, 20), response.status]).toEqual([token.slice(0, 20), 401]);
    }
  });
});

async function generateExtractable(): Promise<CryptoKey> {
  return (await generateKeyPair('ES256', { extractable: true })).privateKey;
}
