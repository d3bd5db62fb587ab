/** The hub's pages in a real browser against a real hub: what a person does from sign-up to the first pushed image. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { HubClient } from '../../src/hub-api/client.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { pushImage, type Step } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

const steps: readonly Step[] = [
  ['/bin/sh -c #(nop) ADD file:5f2c in / ', 60_000, 'debootstrap'],
  ['/bin/sh -c #(nop)  CMD ["bash"]'],
  ['bash', 20_000, 'the first lesson'],
];

describe.skipIf(chromiumPath() === undefined)('the pages', () => {
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    await using alice = await enter();
    await alice.signUp('alice');
    await using bob = await enter();
    await bob.signUp('bob');
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  const enter = (options = {}) => Visitor.enter(browser, hub, options);
  const push = (repository: string, tag: string) =>
    pushImage({ hubUrl: hub.url, username: 'alice', password, repository, tag }, steps);

  async function create(visitor: Visitor, name: string, isPrivate = false): Promise<void> {
    await visitor.open('/repositories/create');
    await visitor.page.getByLabel('Repository name').fill(name);
    await visitor.page.getByLabel('Short description').fill(`The ${name} of a test`);
    if (isPrivate) await visitor.page.getByRole('radio', { name: 'Private' }).check();
    await visitor.button('Create').click();
    await visitor.heading('Nothing pushed yet').waitFor();
  }

  describe('an account', () => {
    test('is made on the sign-up page, and is signed in at once', async () => {
      await using carol = await enter();
      await carol.signUp('carol');
      expect(carol.path).toBe('/');
      await carol.heading('My repositories').waitFor();
    });

    test('input that is wrong is told beside its field', async () => {
      await using visitor = await enter();
      await visitor.open('/signup');
      await visitor.page.getByLabel('Username').fill('Not Allowed');
      await visitor.page.getByLabel('Email').fill('nowhere');
      await visitor.page.getByLabel('Password', { exact: true }).fill('short');
      await visitor.button('Sign up').click();
      await visitor.sees(/^Use 2 to 30 lower case letters/);
      await visitor.sees(/^Enter an email address/);
      await visitor.sees(/^Use at least 8 characters/);
      expect(await visitor.page.getByLabel('Username').getAttribute('aria-invalid')).toBe('true');
    });

    test('a name that is taken is told beside its field; what was typed stays', async () => {
      await using visitor = await enter();
      await visitor.open('/signup');
      await visitor.page.getByLabel('Username').fill('alice');
      await visitor.page.getByLabel('Email').fill('other@example.com');
      await visitor.page.getByLabel('Password', { exact: true }).fill(password);
      await visitor.button('Sign up').click();
      const field = visitor.page.getByLabel('Username');
      await visitor.page.locator('[aria-invalid="true"]').waitFor();
      expect([await field.getAttribute('aria-invalid'), await field.inputValue()]).toEqual(['true', 'alice']);
    });

    test('signs in, is still signed in after a reload, and signs out', async () => {
      await using alice = await enter();
      await alice.signIn('alice');
      await alice.page.reload();
      await alice.page.getByRole('button', { name: 'Account menu' }).click();
      await alice.page.getByRole('menuitem', { name: 'Sign out' }).click();
      await alice.page.getByRole('link', { name: 'Sign up' }).waitFor();
      await alice.page.reload();
      await alice.page.getByRole('link', { name: 'Sign up' }).waitFor();
    });

    test('a wrong password is told, and whether there is such an account is not', async () => {
      await using visitor = await enter();
      for (const username of ['alice', 'nobody']) {
        await visitor.open('/login');
        await visitor.page.getByLabel('Username').fill(username);
        await visitor.page.getByLabel('Password', { exact: true }).fill('wrong password');
        await visitor.button('Sign in').click();
        await visitor.sees('The username or the password is wrong.');
      }
    });

    test('the session is a cookie that no script can read', async () => {
      await using alice = await enter();
      await alice.signIn('alice');
      const [cookie] = await alice.page.context().cookies();
      expect([cookie?.httpOnly, cookie?.sameSite]).toEqual([true, 'Lax']);
      expect(await alice.page.evaluate('document.cookie')).toBe('');
    });

    test('who has to sign in for a page comes back to it', async () => {
      await using alice = await enter();
      await alice.open('/repositories/create');
      await alice.page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
      await alice.page.getByLabel('Username').fill('alice');
      await alice.page.getByLabel('Password', { exact: true }).fill(password);
      await alice.button('Sign in').click();
      await alice.heading('Create a repository').waitFor();
    });
  });

  describe('a repository', () => {
    test('empty, it shows the exact command to push; the image shows up by itself', async () => {
      await using alice = await enter();
      await alice.signIn('alice');
      await create(alice, 'fresh');
      expect(alice.path).toBe('/r/alice/fresh');
      await alice.sees('cais push alice/fresh:latest');
      await alice.page.getByRole('radiogroup').getByText('docker').click();
      await alice.sees('docker push alice/fresh:latest');
      await alice.page.getByRole('radiogroup').getByText('podman').click();
      await alice.sees(`podman push ${new URL(hub.url).host}/alice/fresh:latest`);
      await push('alice/fresh', 'latest');
      await alice.heading('Recent tags').waitFor();
    });

    test('the command is copied by its button', async () => {
      await using alice = await enter({ permissions: ['clipboard-read', 'clipboard-write'] });
      await alice.signIn('alice');
      await create(alice, 'copied');
      await alice.page.getByRole('button', { name: 'Copy cais push alice/copied:latest' }).click();
      await alice.page.getByRole('button', { name: 'Copied', exact: true }).waitFor();
      expect(await alice.page.evaluate('navigator.clipboard.readText()')).toBe(
        'cais push alice/copied:latest',
      );
    });

    test('names that cannot be are refused while typing', async () => {
      await using alice = await enter();
      await alice.signIn('alice');
      await alice.open('/repository/create');
      await alice.page.getByLabel('Repository name').fill('Big Name');
      await alice.page.getByLabel('Short description').focus();
      await alice.sees(/^Use lower case letters and digits, with single dots/);
    });

    test('tags: digest, platform, size, who pushed and when; deleted after asking', async () => {
      const { digest } = await push('alice/tagged', '1.0');
      await push('alice/tagged', 'latest');
      await using alice = await enter();
      await alice.signIn('alice');
      await alice.open('/r/alice/tagged/tags');
      const row = alice.page.getByRole('listitem').filter({ hasText: '1.0' });
      await row.getByText(digest.slice(0, 19)).waitFor();
      await row.getByText('linux/amd64').waitFor();
      await row.getByText(/kB/).waitFor();
      expect(await row.getByText(/by alice$/).textContent()).toMatch(/(?:now|second)/);
      await row.getByRole('button', { name: 'Delete the tag 1.0' }).click();
      await alice.page.getByRole('button', { name: 'Delete the tag', exact: true }).click();
      await row.waitFor({ state: 'detached' });
      await alice.page.getByRole('link', { name: 'latest' }).waitFor();
    });

    test('a tag’s page: digests, and the layers with the commands that made them', async () => {
      const { digest, configDigest, layers } = await push('alice/layered', 'latest');
      await using visitor = await enter();
      await visitor.open('/r/alice/layered/tags/latest');
      await visitor.page.getByTitle(digest).waitFor();
      await visitor.page.getByTitle(configDigest).waitFor();
      for (const layer of layers) await visitor.page.getByTitle(layer.digest).waitFor();
      await visitor.sees('ADD file:5f2c in /');
      await visitor.sees('CMD ["bash"]');
      await visitor.sees('the first lesson');
      await visitor.sees(/2 layers, 80\.\d kB compressed/);
    });

    test('a README is rendered, and runs nothing', async () => {
      await push('alice/documented', 'latest');
      await using alice = await enter();
      await alice.signIn('alice');
      await alice.open('/r/alice/documented/settings');
      await alice.page
        .getByLabel('README')
        .fill(
          '# Title\n\n**bold** <script>document.title = "run"</script><img src=x onerror="document.title = \'run\'">\n\n[link](javascript:document.title="run")\n\n| a | b |\n|---|---|\n| 1 | 2 |\n',
        );
      await alice.button('Save').first().click();
      await alice.sees('Saved.');
      await alice.page.getByRole('tab', { name: 'Overview' }).click();
      await alice.heading('Title').waitFor();
      await alice.page.getByRole('cell', { name: '1' }).waitFor();
      await alice.page.getByText('link', { exact: true }).click();
      expect(await alice.page.locator('.readme script, .readme [onerror], .readme a').count()).toBe(0);
      expect(await alice.page.title()).toBe('alice/documented · cais');
    });

    test('a README is looked at before it is saved, with its code in colours, and nothing typed is lost', async () => {
      await push('alice/previewed', 'latest');
      await using alice = await enter();
      await alice.signIn('alice');
      await alice.open('/r/alice/previewed/settings');
      const { page } = alice;
      await page.getByText('Preview', { exact: true }).click();
      await alice.sees('Nothing to preview yet.');
      await page.getByText('Write', { exact: true }).click();
      const typed = '# Usage\n\n```sh\n# comes first\nexport NAME="quay" && echo <b onclick=x>\n```\n';
      await page.getByLabel('README', { exact: true }).fill(typed);
      await page.getByText('Preview', { exact: true }).click();
      await alice.heading('Usage').waitFor();
      expect(await page.locator('.readme .hljs-comment').innerText()).toBe('# comes first');
      expect(await page.locator('.readme .hljs-string').first().innerText()).toBe('"quay"');
      expect(await page.locator('.readme b').count()).toBe(0);
      await page.getByText('Write', { exact: true }).click();
      expect(await page.getByLabel('README', { exact: true }).inputValue()).toBe(typed);
      await page.getByText('Preview', { exact: true }).click();
      await alice.button('Save').first().click();
      await alice.sees('Saved.');
      await page.getByRole('tab', { name: 'Overview' }).click();
      await page.locator('.readme .hljs-comment').waitFor();
    });

    test('whatever people write about it is text, in a README, a description and an image’s history', async () => {
      const nasty = [
        '<img src=x onerror="document.title=1">',
        '<svg onload="document.title=1">',
        '<iframe srcdoc="<script>parent.document.title=1</script>"></iframe>',
        '<style>body{display:none}</style>',
        '<a href="javascript:document.title=1">html</a>',
        '[data](data:text/html,<script>document.title=1</script>)',
        '[vb](vbscript:document.title=1)',
        '[script]( javascript:document.title=1 )',
        '<!-- --!> <script>document.title=1</script> -->',
        '![x](x"onerror="document.title=1)',
        '<form action="https://elsewhere.example"><button>go</button></form>',
      ].join('\n\n');
      await pushImage(
        { hubUrl: hub.url, username: 'alice', password, repository: 'alice/nasty', tag: 'latest' },
        [[nasty, 20_000, nasty]],
      );
      const client = new HubClient({ baseUrl: hub.url });
      const { token } = await client.login({ username: 'alice', password });
      const owner = new HubClient({ baseUrl: hub.url, token });
      await owner.updateRepository('alice', 'nasty', {
        full_description: nasty,
        description: '<img src=x onerror="document.title=1">',
      });
      await using visitor = await enter();
      for (const path of ['/r/alice/nasty', '/r/alice/nasty/tags/latest', '/search?q=nasty', '/u/alice']) {
        await visitor.open(path);
        await visitor.sees(/onerror|Layers|nasty/);
        await visitor.page.waitForLoadState('networkidle');
        expect(await visitor.page.title()).toEndWith(' · cais');
        const found = visitor.page.locator(
          'main :is(script, iframe, style, form[action], object, [onerror], [onload], [srcdoc], a[href*="script:"], a[href^="data:"])',
        );
        expect([path, await found.count()]).toEqual([path, 0]);
      }
    });

    test('with a new name is where its old address leads; a name may have several parts', async () => {
      await push('alice/team/app', 'latest');
      const client = new HubClient({ baseUrl: hub.url });
      const { token } = await client.login({ username: 'alice', password });
      await fetch(`${hub.url}/v2/repositories/alice/team%2Fapp/move/`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ name: 'crew/web' }),
      });
      await using visitor = await enter();
      await visitor.open('/r/alice/team%2Fapp/tags');
      await visitor.page.getByRole('link', { name: 'latest' }).waitFor();
      expect(visitor.path).toBe('/r/alice/crew%2Fweb/tags');
    });

    test('is deleted when its name is typed again', async () => {
      await using alice = await enter();
      await alice.signIn('alice');
      await create(alice, 'unwanted');
      await alice.page.getByRole('tab', { name: 'Settings' }).click();
      await alice.button('Delete the repository').click();
      const dialog = alice.page.getByRole('dialog');
      const confirm = dialog.getByRole('button', { name: 'Delete the repository' });
      await dialog.getByRole('textbox').fill('alice/other');
      expect(await confirm.isDisabled()).toBe(true);
      await dialog.getByRole('textbox').fill('alice/unwanted');
      await confirm.click();
      await alice.page.waitForURL('**/u/alice');
      await alice.open('/r/alice/unwanted');
      await alice.heading('Nothing moored here').waitFor();
    });
  });

  describe('a private repository', () => {
    test('is there for its owner, and for nobody else', async () => {
      await using alice = await enter();
      await alice.signIn('alice');
      await create(alice, 'hidden', true);
      await push('alice/hidden', 'latest');
      await alice.open('/u/alice');
      await alice.page.getByRole('link', { name: 'alice/hidden' }).waitFor();
      await using stranger = await enter();
      await using bob = await enter();
      await bob.signIn('bob');
      for (const other of [stranger, bob]) {
        for (const page of ['', '/tags', '/tags/latest', '/settings']) {
          await other.open(`/r/alice/hidden${page}`);
          await other.heading('Nothing moored here').waitFor();
        }
        await other.open('/search?q=hidden');
        await other.heading('No image matches').waitFor();
        await other.open('/u/alice');
        await other.heading('Repositories').waitFor();
        expect(await other.page.getByText('hidden').count()).toBe(0);
      }
    });

    test('looks like one that does not exist, to the letter', async () => {
      await using alice = await enter();
      await alice.signIn('alice');
      await create(alice, 'unseen', true);
      await using stranger = await enter();
      const texts = [];
      for (const name of ['unseen', 'absent']) {
        await stranger.open(`/r/alice/${name}`);
        await stranger.heading('Nothing moored here').waitFor();
        texts.push([await stranger.page.title(), await stranger.page.getByRole('main').innerText()]);
      }
      expect(texts[0]).toEqual(texts[1]);
    });

    test('becomes public when its owner says so', async () => {
      await using alice = await enter();
      await alice.signIn('alice');
      await create(alice, 'opened', true);
      await alice.open('/r/alice/opened/settings');
      await alice.button('Make it public').click();
      await alice.page.getByRole('dialog').getByRole('button', { name: 'Make it public' }).click();
      await alice.sees('This repository is public');
      await using stranger = await enter();
      await stranger.open('/r/alice/opened');
      await stranger.heading('Nothing pushed yet').waitFor();
    });
  });

  describe('finding', () => {
    test('a public image, by a word of its description, from the home page', async () => {
      await using alice = await enter();
      await alice.signIn('alice');
      await create(alice, 'findable');
      await using visitor = await enter();
      await visitor.open('/');
      await visitor.page.getByRole('searchbox').fill('findable test');
      await visitor.page.keyboard.press('Enter');
      await visitor.page.waitForURL('**/search?q=findable+test');
      await visitor.page.getByRole('link', { name: 'alice/findable' }).click();
      await visitor.heading('alice/findable').waitFor();
    });

    test('nothing: the page says so, and offers all images', async () => {
      await using visitor = await enter();
      await visitor.open('/search?q=zzzz');
      await visitor.heading('No image matches “zzzz”').waitFor();
      await visitor.page.getByRole('link', { name: 'See all images' }).click();
      await visitor.sees(/\d+ repositor/);
    });
  });

  describe('the frame', () => {
    test('speaks the browser’s language; a switch is remembered', async () => {
      await using visitor = await enter({ locale: 'pt-BR' });
      await visitor.open('/');
      await visitor.heading('Suas imagens, no seu próprio cais').waitFor();
      expect(await visitor.page.locator('html').getAttribute('lang')).toBe('pt-BR');
      await visitor.page.getByLabel('Idioma').selectOption('en');
      await visitor.heading('Your images, on your own quay').waitFor();
      await visitor.page.reload();
      await visitor.heading('Your images, on your own quay').waitFor();
    });

    test('is light or dark as the system, or as chosen', async () => {
      await using visitor = await enter({ colorScheme: 'dark' });
      await visitor.open('/');
      const scheme = () => visitor.page.locator('html').getAttribute('data-mantine-color-scheme');
      await visitor.page.getByLabel('Appearance').waitFor();
      expect(await scheme()).toBe('dark');
      await visitor.page.getByLabel('Appearance').selectOption('light');
      await visitor.page.reload();
      await visitor.page.getByLabel('Appearance').waitFor();
      expect(await scheme()).toBe('light');
    });

    test('an unknown address is answered with 404 and a way home', async () => {
      await using visitor = await enter();
      const answer = await visitor.page.goto(`${hub.url}/no/such/page`);
      expect(answer?.status()).toBe(404);
      await visitor.page.getByRole('link', { name: 'To the home page' }).click();
      await visitor.heading('Your images').waitFor();
    });

    test('the keyboard is enough: skip link, search, first result', async () => {
      await push('alice/keyboard', 'latest');
      await using visitor = await enter();
      await visitor.open('/search');
      await visitor.page.getByRole('searchbox').waitFor();
      await visitor.page.keyboard.press('Tab');
      expect(await visitor.page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
      await visitor.page.keyboard.press('Enter');
      await visitor.page.keyboard.press('Tab');
      await visitor.page.keyboard.type('keyboard');
      await visitor.page.keyboard.press('Enter');
      await visitor.page.getByRole('link', { name: 'alice/keyboard' }).waitFor();
      await visitor.page.getByRole('link', { name: 'alice/keyboard' }).focus();
      await visitor.page.keyboard.press('Enter');
      await visitor.heading('alice/keyboard').waitFor();
      expect(await visitor.page.evaluate('document.activeElement.id')).toBe('main');
    });

    test('fits a phone of 360 pixels', async () => {
      await push('alice/narrow', 'latest');
      await using alice = await enter({ viewport: { width: 360, height: 740 } });
      await alice.signIn('alice');
      const paths = ['', '/tags', '/tags/latest', '/settings'].map((page) => `/r/alice/narrow${page}`);
      for (const path of ['/', '/search', '/u/alice', '/repositories/create', ...paths]) {
        await alice.open(path);
        await alice.page.waitForLoadState('networkidle');
        const tooWide = await alice.page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect([path, tooWide]).toEqual([path, 0]);
      }
    });

    test('a connection that drops while a page is open is told; what is shown stays', async () => {
      await using alice = await enter();
      await alice.signIn('alice');
      await create(alice, 'lonely');
      await alice.page.route('**/v2/**', (route) => route.abort());
      await alice.sees('The hub does not answer');
      await alice.heading('Nothing pushed yet').waitFor();
      await alice.page.unroute('**/v2/**');
      await alice.page.getByText('The hub does not answer').waitFor({ state: 'detached' });
    });

    test('a hub that stops answering is told, and the page goes on when it is back', async () => {
      await using visitor = await enter();
      await visitor.open('/login');
      await visitor.page.route('**/v2/**', (route) => route.abort());
      await visitor.page.getByLabel('Username').fill('alice');
      await visitor.page.getByLabel('Password', { exact: true }).fill(password);
      await visitor.button('Sign in').click();
      await visitor.sees(/connection was lost/);
      await visitor.page.unroute('**/v2/**');
      await visitor.button('Sign in').click();
      await visitor.page.getByRole('button', { name: 'Account menu' }).waitFor();
    });
  });
});
