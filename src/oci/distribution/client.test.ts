import { expect, test } from 'bun:test';
import { FakeRegistry, wireError } from '../../../tests/support/fake-registry.ts';
import { digestOf } from '../image/digest.ts';
import { mediaTypes } from '../image/media-type.ts';
import type { RepositoryName } from '../image/reference.ts';
import { RegistryClient } from './client.ts';
import { anonymous, basicAuthorization, type Credentials } from './credentials.ts';
import { endpointOf } from './endpoint.ts';

const alice: Credentials = { kind: 'password', username: 'alice', password: 'secret' };

function clientOf(registry: FakeRegistry, credentials: Credentials = anonymous): RegistryClient {
  const endpoint = endpointOf('docker.io', { hub: registry.url, insecureRegistries: [] });
  return new RegistryClient({ endpoint, credentials });
}

const app: RepositoryName = { domain: 'docker.io', path: 'alice/app' };

/** Asks for a token before anything else; `tokens` collects what the token server is asked. */
function requireToken(
  registry: FakeRegistry,
  tokens: Request[],
  realm = `${registry.url.origin}/token`,
): void {
  registry.intercept = (request, line) => {
    if (line.includes('/token')) {
      tokens.push(request.clone());
      const isAlice = request.headers.get('Authorization') === basicAuthorization('alice', 'secret');
      if (!isAlice && request.headers.has('Authorization')) {
        return wireError(401, 'UNAUTHORIZED', 'incorrect username or password');
      }
      return Response.json({ token: isAlice ? 'alice' : 'nobody', expires_in: 300 });
    }
    if (request.headers.get('Authorization') === 'Bearer alice') return undefined;
    const challenge = `Bearer realm="${realm}",service="test",scope="repository:alice/app:pull"`;
    return wireError(401, 'UNAUTHORIZED', 'authentication required', { 'WWW-Authenticate': challenge });
  };
}

test('a challenge is answered once, and its token serves the requests after it', async () => {
  await using registry = new FakeRegistry();
  const image = registry.addImage('alice/app', 'latest', []);
  const tokens: Request[] = [];
  requireToken(registry, tokens);
  const client = clientOf(registry, alice);
  const manifest = await client.getManifest(app, 'latest');
  await client.getManifest(app, manifest.digest);
  expect(manifest.digest).toBe(image.manifest);
  expect(tokens).toHaveLength(1);
  expect(Object.fromEntries(new URL(tokens[0]?.url ?? '').searchParams)).toEqual({
    service: 'test',
    scope: 'repository:alice/app:pull',
    client_id: 'cais',
    account: 'alice',
  });
});

test('a token that does not reach is a denial, a wrong password the words of the token server', async () => {
  await using registry = new FakeRegistry();
  requireToken(registry, []);
  await expect(clientOf(registry).getManifest(app, 'latest')).rejects.toThrow(
    'denied: requested access to the resource is denied',
  );
  const wrong = clientOf(registry, { kind: 'password', username: 'alice', password: 'x' });
  await expect(wrong.getManifest(app, 'latest')).rejects.toMatchObject({
    name: 'UnauthorizedError',
    message: 'unauthorized: incorrect username or password',
  });
});

test('a password is not sent to a token server of a stranger', async () => {
  await using registry = new FakeRegistry();
  await using stranger = new FakeRegistry();
  const tokens: Request[] = [];
  requireToken(registry, tokens, 'http://stranger.example:9/token');
  await expect(clientOf(registry, alice).getManifest(app, 'latest')).rejects.toThrow(
    'which is not its own: refused',
  );
  expect(stranger.requests).toEqual([]);
});

test('an identity token is exchanged by POST', async () => {
  await using registry = new FakeRegistry();
  registry.addImage('alice/app', 'latest', []);
  const forms: string[] = [];
  registry.intercept = async (request, line) => {
    if (line === 'POST /token') {
      forms.push(await request.text());
      return Response.json({ access_token: 'alice' });
    }
    if (request.headers.get('Authorization') === 'Bearer alice') return undefined;
    const challenge = `Bearer realm="${registry.url.origin}/token",service="test"`;
    return wireError(401, 'UNAUTHORIZED', 'authentication required', { 'WWW-Authenticate': challenge });
  };
  await clientOf(registry, { kind: 'identity-token', token: 'refresh' }).getManifest(app, 'latest');
  expect(new URLSearchParams(forms[0]).get('refresh_token')).toBe('refresh');
  expect(new URLSearchParams(forms[0]).get('scope')).toBe('repository:alice/app:pull');
});

test('Basic is answered with the password, or refused without one', async () => {
  await using registry = new FakeRegistry();
  registry.addImage('alice/app', 'latest', []);
  registry.intercept = (request) =>
    request.headers.get('Authorization') === basicAuthorization('alice', 'secret')
      ? undefined
      : wireError(401, 'UNAUTHORIZED', 'authentication required', { 'WWW-Authenticate': 'Basic realm="x"' });
  await clientOf(registry, alice).getManifest(app, 'latest');
  await expect(clientOf(registry).getManifest(app, 'latest')).rejects.toThrow('no basic auth credentials');
});

test('a redirect to another place is followed without the authorization', async () => {
  await using registry = new FakeRegistry();
  await using storage = new FakeRegistry();
  const digest = storage.addBlob('elsewhere', new TextEncoder().encode('bytes'));
  registry.intercept = () => Response.redirect(`${storage.url.origin}/v2/elsewhere/blobs/${digest}`, 307);
  const client = clientOf(registry, { kind: 'registry-token', token: 'secret' });
  const { stream } = await client.getBlob(app, digest);
  expect(await new Response(stream).text()).toBe('bytes');
  expect(registry.headers[0]?.get('Authorization')).toBe('Bearer secret');
  expect(storage.headers[0]?.has('Authorization')).toBe(false);
});

test('who is asked before following says where to connect: for a redirect, and for each token', async () => {
  await using registry = new FakeRegistry();
  await using storage = new FakeRegistry();
  const digest = storage.addBlob('elsewhere', new TextEncoder().encode('bytes'));
  const port = storage.url.port;
  const challenge = `Bearer realm="http://tokens.invalid:${port}/token",service="test"`;
  registry.intercept = (request) =>
    request.headers.has('Authorization')
      ? Response.redirect(`http://blobs.invalid:${port}/v2/elsewhere/blobs/${digest}`, 307)
      : wireError(401, 'UNAUTHORIZED', 'authentication required', { 'WWW-Authenticate': challenge });
  storage.intercept = (_request, line) =>
    line.includes('/token') ? Response.json({ token: 'any' }) : undefined;
  const asked: string[] = [];
  const client = new RegistryClient({
    endpoint: endpointOf('docker.io', { hub: registry.url, insecureRegistries: [] }),
    credentials: anonymous,
    beforeFollowing: async ({ hostname }) => {
      asked.push(hostname);
      return '127.0.0.1';
    },
  });
  for (const path of ['alice/app', 'alice/other']) {
    const { stream } = await client.getBlob({ ...app, path }, digest);
    expect(await new Response(stream).text()).toBe('bytes');
  }
  expect(asked).toEqual(['tokens.invalid', 'blobs.invalid', 'tokens.invalid', 'blobs.invalid']);
  expect(storage.headers.map((headers) => headers.get('Host'))).toEqual(
    asked.map((name) => `${name}:${port}`),
  );
});

test.each(['file:///etc/passwd', 'gopher://127.0.0.1/'])('a redirect to %p is refused', async (target) => {
  await using registry = new FakeRegistry();
  registry.intercept = () => new Response(null, { status: 302, headers: { Location: target } });
  await expect(clientOf(registry).getManifest(app, 'latest')).rejects.toThrow('refused to follow a redirect');
});

test('a manifest that is not what its digest says is refused', async () => {
  await using registry = new FakeRegistry();
  const { manifest } = registry.addImage('alice/app', 'latest', []);
  registry.manifests.set(`alice/app:${manifest}`, {
    mediaType: mediaTypes.ociManifest,
    bytes: new TextEncoder().encode('{}'),
  });
  await expect(clientOf(registry).getManifest(app, manifest)).rejects.toMatchObject({ name: 'CorruptError' });
});

test('a manifest without end is cut off', async () => {
  await using registry = new FakeRegistry();
  registry.intercept = () => new Response('x'.repeat(5 * 1024 * 1024));
  await expect(clientOf(registry).getManifest(app, 'latest')).rejects.toThrow('longer than 4194304 bytes');
});

test('a registry that is down is told as docker tells it', async () => {
  const endpoint = endpointOf('docker.io', { hub: new URL('http://127.0.0.1:1'), insecureRegistries: [] });
  const client = new RegistryClient({ endpoint, credentials: anonymous });
  await expect(client.getManifest(app, 'latest')).rejects.toMatchObject({
    name: 'UnavailableError',
    message:
      'Get "http://127.0.0.1:1/v2/alice/app/manifests/latest": dial tcp 127.0.0.1:1: connect: connection refused',
  });
});

test('loopback registries are reached by plain HTTP, others by HTTPS alone', async () => {
  await using registry = new FakeRegistry();
  const hosts = { hub: registry.url, insecureRegistries: ['lan.example:5000'] };
  const client = new RegistryClient({ endpoint: endpointOf(registry.host, hosts), credentials: anonymous });
  await client.ping();
  const protocols = (domain: string): string[] =>
    endpointOf(domain, hosts).origins.map(({ protocol }) => protocol);
  expect(protocols('lan.example:5000')).toEqual(['https:', 'http:']);
  expect(protocols('ghcr.io')).toEqual(['https:']);
});

test('tags are read page by page, on the same registry only', async () => {
  await using registry = new FakeRegistry();
  registry.intercept = (request) => {
    const last = new URL(request.url).searchParams.get('last');
    const next =
      last === null ? '</v2/alice/app/tags/list?last=b>; rel="next"' : '<http://evil.example/>; rel="next"';
    return Response.json({ tags: last === null ? ['a', 'b'] : ['c'] }, { headers: { Link: next } });
  };
  expect(await Array.fromAsync(clientOf(registry).tags(app))).toEqual(['a', 'b', 'c']);
});

test('headManifest finds, and finds nothing', async () => {
  await using registry = new FakeRegistry();
  const { manifest } = registry.addImage('alice/app', 'latest', []);
  expect(await clientOf(registry).headManifest(app, 'latest')).toMatchObject({ digest: manifest });
  expect(await clientOf(registry).headManifest(app, 'none')).toBeUndefined();
  expect(await clientOf(registry).hasBlob(app, digestOf('no'))).toBe(false);
});
