import { describe, expect, test } from 'bun:test';
import { createPages } from './pages.ts';
import type { Asset } from './serving/asset.ts';

const document: Asset = {
  path: '/index.html',
  type: 'text/html;charset=utf-8',
  bodies: { identity: new Blob(['<html>']) },
};
const script: Asset = {
  path: '/assets/main-1a2b.js',
  type: 'text/javascript;charset=utf-8',
  bodies: { identity: new Blob(['script']), gzip: new Blob(['gz']), br: new Blob(['b']) },
};

const facts = { signInMethods: { password: true, provider: null } };

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const pages = await createPages(facts, () => Promise.resolve([document, script]));
  return pages(new Request(`http://hub.example${path}`, init));
}

describe('addresses', () => {
  test.each([
    '/',
    '/login',
    '/r/alice/app',
    '/r/alice/app/tags/1.0',
    '/_/debian',
    '/search?q=x',
    '/u/alice/',
  ])('%p is a page', async (path) => {
    const answer = await ask(path);
    expect([answer.status, await answer.text()]).toEqual([200, '<html>']);
  });

  test.each(['/nothing', '/r/alice', '/r/a/b/c/d/e', '/index.html/x'])(
    '%p is the not-found page, with its status',
    async (path) => {
      const answer = await ask(path);
      expect([answer.status, await answer.text()]).toEqual([404, '<html>']);
    },
  );

  test('an asset that is gone is no page', async () => {
    const answer = await ask('/assets/main-old.js');
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([404, 'text/plain; charset=utf-8']);
  });

  test('nothing is changed by a page: other methods are refused', async () => {
    expect((await ask('/', { method: 'POST' })).status).toBe(405);
  });

  test('HEAD tells the size without the body', async () => {
    const answer = await ask('/', { method: 'HEAD' });
    expect([answer.headers.get('Content-Length'), await answer.text()]).toEqual(['6', '']);
  });
});

describe('headers', () => {
  test.each(['/', '/nothing', '/assets/main-1a2b.js', '/assets/gone.js'])(
    '%p runs no inline script',
    async (path) => {
      const policy = (await ask(path)).headers.get('Content-Security-Policy') ?? '';
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
    },
  );

  test('assets stay in the cache for ever, the document is asked for again', async () => {
    expect((await ask('/assets/main-1a2b.js')).headers.get('Cache-Control')).toContain('immutable');
    expect((await ask('/')).headers.get('Cache-Control')).toBe('no-cache');
  });

  test.each([
    ['gzip, deflate, br', 'br', 'b'],
    ['gzip, deflate', 'gzip', 'gz'],
    ['br;q=0, gzip', 'gzip', 'gz'],
    ['', null, 'script'],
  ])('a browser that takes %p gets %p', async (accept, encoding, body) => {
    const answer = await ask('/assets/main-1a2b.js', { headers: { 'Accept-Encoding': accept } });
    expect(answer.headers.get('Content-Encoding')).toBe(encoding);
    expect(Buffer.from(await answer.arrayBuffer()).toString()).toBe(body);
  });
});

describe('the document', () => {
  const page = '<html><head></head><body></body></html>';
  const ask = async (name: string): Promise<string> => {
    const whole = { ...document, bodies: { identity: new Blob([page]) } };
    const methods = { password: false, provider: { name, sign_up: 'auto' as const } };
    const pages = await createPages({ signInMethods: methods }, () => Promise.resolve([whole]));
    return await (await pages(new Request('http://hub.example/login'))).text();
  };

  test('holds how people sign in', async () => {
    expect(await ask('Company')).toContain(
      '<meta name="sign-in-methods" content="{&quot;password&quot;:false,&quot;provider&quot;:{&quot;name&quot;:&quot;Company&quot;',
    );
  });

  test('is not left by what a provider is called', async () => {
    const text = await ask('"></head><script>&quot;$&');
    expect(text.match(/<[^>]*>/g)?.length).toBe(7);
    expect(text).toContain('\\&quot;>&lt;/head>&lt;script>&amp;quot;$&amp;');
  });
});
