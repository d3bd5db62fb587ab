/** Webhooks on the hub's pages in a real browser: made, with the secret shown once, tried, looked at, sent again, switched off, deleted. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { Database } from 'bun:sqlite';
import { createHmac } from 'node:crypto';
import { HubClient } from '../../src/hub-api/client.ts';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { expectAccessible, expectFits } from './support/expect-accessible.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

interface Received {
  readonly id: string;
  readonly isSigned: (secret: string) => boolean;
}

/** A CI server, as it were. */
class Receiver implements Disposable {
  readonly received: Received[] = [];
  /** What it answers with. */
  status = 200;
  readonly #server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      const [id, time, signature] = ['id', 'timestamp', 'signature'].map(
        (name) => request.headers.get(`webhook-${name}`) ?? '',
      );
      const signed = `${id}.${time}.${await request.text()}`;
      this.received.push({
        id: id ?? '',
        isSigned: (secret) => {
          const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
          return signature === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
        },
      });
      return new Response(`build ${this.received.length} begins`, { status: this.status });
    },
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/hook`;
  }

  [Symbol.dispose](): void {
    void this.#server.stop(true);
  }
}

describe.skipIf(chromiumPath() === undefined)('webhooks', () => {
  let hub: HubWithPages;
  let browser: Browser;
  let client: HubClient;

  beforeAll(async () => {
    const settings = { CAIS_HUB_WEBHOOK_ALLOW: '127.0.0.0/8' };
    [hub, browser] = await Promise.all([startHubWithPages({ settings }), openBrowser()]);
    const anybody = new HubClient({ baseUrl: hub.url });
    await anybody.signup({ username: 'alice', email: 'alice@example.com', password });
    const { token } = await anybody.login({ username: 'alice', password });
    client = new HubClient({ baseUrl: hub.url, token });
    await client.organizations.create({ orgname: 'acme' });
    await client.createRepository({ namespace: 'alice', name: 'app' });
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  async function enter(path: string): Promise<Visitor> {
    const visitor = await Visitor.enter(browser, hub);
    await visitor.signIn('alice');
    await visitor.open(path);
    return visitor;
  }

  const dialog = ({ page }: Visitor) => page.getByRole('dialog');
  const webhook = ({ page }: Visitor, name: string) =>
    page.getByRole('list', { name: 'Webhooks' }).locator('> li').filter({ hasText: name });
  const deliveries = ({ page }: Visitor, name: string) =>
    page.getByRole('list', { name: `Deliveries of ${name}` }).getByRole('listitem');

  test('one is made with a secret that is shown once; a test arrives, and can be sent again', async () => {
    using receiver = new Receiver();
    await using alice = await enter('/r/alice/app/settings');
    await alice.sees('Nobody is told yet.');
    await alice.button('New webhook').click();
    await dialog(alice).getByLabel('Name').fill('CI');
    await dialog(alice).getByLabel('Address').fill(receiver.url);
    await dialog(alice).getByRole('button', { name: 'Make the webhook' }).click();
    const shown = dialog(alice).getByRole('group', { name: 'Secret' });
    await shown.getByRole('button', { name: /^Copy/ }).waitFor();
    const secret = await shown.locator('code').innerText();
    expect(secret).toMatch(/^whsec_/);
    await dialog(alice).getByRole('button', { name: 'Close' }).last().click();
    await dialog(alice).waitFor({ state: 'detached' });
    const ci = webhook(alice, 'CI');
    await ci.getByText(receiver.url).waitFor();
    expect(await alice.page.content()).not.toContain(secret);

    await ci.getByRole('button', { name: 'Show deliveries' }).click();
    await ci.getByText('Nothing was sent yet.').waitFor();
    receiver.status = 503;
    await ci.getByRole('button', { name: 'Send a test' }).click();
    const first = deliveries(alice, 'CI').first();
    await first.getByText('the receiver answered 503').waitFor();
    await first.getByText(/^answer 503 · .* ms · \d tr(?:y|ies)/).waitFor();
    await ci.getByText(/^failing; the first failure was/).waitFor();
    receiver.status = 200;
    await first.getByRole('button', { name: 'Redeliver' }).click();
    await first.getByText(/delivered/).waitFor();
    await first.getByText(/^answer 200/).waitFor();
    await first.getByText(/^build \d begins$/).waitFor();
    expect(await deliveries(alice, 'CI').count()).toBe(1);
    // What comes twice is the same.
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
    expect(receiver.received.every(({ isSigned }) => isSigned(secret))).toBe(true);
  });

  test('an address that is none is said at its field, and so is one in a private network, in both languages', async () => {
    await using alice = await enter('/settings');
    await alice.button('New webhook').click();
    const address = dialog(alice).getByLabel('Address');
    const make = dialog(alice).getByRole('button', { name: 'Make the webhook' });
    await address.fill('ftp://ci.example/');
    await make.click();
    await dialog(alice).getByText('Enter a name.').waitFor();
    await dialog(alice).getByText('An address as https://ci.example/hook is expected.').waitFor();
    expect(await address.getAttribute('aria-invalid')).toBe('true');
    await dialog(alice).getByLabel('Name').fill('inside');
    await address.fill('http://ana:secret@ci.example/');
    await make.click();
    await dialog(alice).getByText('The address may hold no password.').waitFor();
    await address.fill('http://10.1.2.3/hook');
    await make.click();
    await dialog(alice)
      .getByText(/^The address is in a private network/)
      .waitFor();
    expect(await address.getAttribute('aria-invalid')).toBe('true');
    await dialog(alice).getByRole('button', { name: 'Cancel' }).click();
    await alice.page.getByLabel('Language').selectOption('pt-BR');
    await alice.button('Novo webhook').click();
    await dialog(alice).getByLabel('Nome').fill('inside');
    await dialog(alice).getByLabel('Endereço').fill('http://10.1.2.3/hook');
    await dialog(alice).getByRole('button', { name: 'Criar o webhook' }).click();
    await dialog(alice)
      .getByText(/^O endereço está em uma rede privada/)
      .waitFor();
    expect((await client.webhooks.list({ namespace: 'alice' })).results).toEqual([]);
  });

  test('one is edited: where it leads, what it tells, whether it is active, and its secret', async () => {
    using receiver = new Receiver();
    const place = { namespace: 'alice', name: 'edited' };
    await client.createRepository(place);
    const made = await client.webhooks.create(place, { name: 'CI', hook_url: 'https://ci.example/hook' });
    await using alice = await enter('/r/alice/edited/settings');
    const edit = (name: string) =>
      alice.page.getByRole('button', { name: `Edit the webhook ${name}` }).click();
    const save = () => dialog(alice).getByRole('button', { name: 'Save' }).click();
    await edit('CI');
    await dialog(alice).getByLabel('Name').fill('');
    await dialog(alice).getByLabel('Address').fill('http://10.1.2.3/hook');
    await save();
    await dialog(alice).getByText('Enter a name.').waitFor();
    await dialog(alice).getByLabel('Name').fill('build');
    await save();
    await dialog(alice)
      .getByText(/^The address is in a private network/)
      .waitFor();
    await dialog(alice).getByLabel('Address').fill(receiver.url);
    await dialog(alice).getByLabel('Format').selectOption('cloudevents');
    await dialog(alice).getByLabel('deletions of tags and images').check();
    await dialog(alice).getByLabel('Active').uncheck();
    await save();
    await dialog(alice).waitFor({ state: 'detached' });
    await webhook(alice, 'build').getByText('build · switched off').waitFor();
    expect((await client.webhooks.list(place)).results).toMatchObject([
      {
        id: made.id,
        name: 'build',
        hook_url: receiver.url,
        format: 'cloudevents',
        events: ['push', 'delete'],
        is_active: false,
      },
    ]);

    await edit('build');
    await dialog(alice).getByLabel('Active').check();
    await dialog(alice).getByLabel('New secret').check();
    await save();
    const shown = dialog(alice).getByRole('group', { name: 'Secret' });
    await shown.getByRole('button', { name: /^Copy/ }).waitFor();
    const secret = await shown.locator('code').innerText();
    expect(secret).not.toBe(made.secret as string);
    await dialog(alice).getByRole('button', { name: 'Close' }).last().click();
    await webhook(alice, 'build').getByRole('button', { name: 'Send a test' }).click();
    await deliveries(alice, 'build')
      .first()
      .getByText(/delivered/)
      .waitFor();
    expect(
      receiver.received.map(({ isSigned }) => [isSigned(secret), isSigned(made.secret as string)]),
    ).toEqual([[true, false]]);
    // A dialog that is opened anew begins with what is set now.
    await edit('build');
    expect(await dialog(alice).getByLabel('Name').inputValue()).toBe('build');
    expect(await dialog(alice).getByLabel('New secret').isChecked()).toBe(false);
  });

  test('one of an organization tells what was chosen, is switched off and on, and deleted', async () => {
    const place = { namespace: 'acme' };
    await using alice = await enter('/orgs/acme/settings');
    await alice.button('New webhook').click();
    await dialog(alice).getByLabel('Name').fill('chat');
    await dialog(alice).getByLabel('Address').fill('https://chat.example/in');
    await dialog(alice).getByLabel('Format').selectOption('cloudevents');
    await dialog(alice).getByLabel('pushes').uncheck();
    await dialog(alice).getByRole('button', { name: 'Make the webhook' }).click();
    await dialog(alice).getByText('Choose one at least.').waitFor();
    await dialog(alice).getByLabel('deletions of tags and images').check();
    await dialog(alice).getByRole('button', { name: 'Make the webhook' }).click();
    await dialog(alice).getByRole('button', { name: 'Close' }).last().click();
    const chat = webhook(alice, 'chat');
    await chat.getByText('CloudEvents · deletions of tags and images').waitFor();
    await chat.getByRole('button', { name: 'Switch off' }).click();
    await chat.getByText('chat · switched off').waitFor();
    expect((await client.webhooks.list(place)).results).toMatchObject([
      { name: 'chat', is_active: false, format: 'cloudevents', events: ['delete'] },
    ]);
    await chat.getByRole('button', { name: 'Switch on' }).click();
    await chat.getByRole('button', { name: 'Switch off' }).waitFor();
    await chat.getByRole('button', { name: 'Delete the webhook chat' }).click();
    await dialog(alice).getByRole('button', { name: 'Delete' }).click();
    await alice.sees('Nobody is told yet.');
    expect((await client.webhooks.list(place)).results).toEqual([]);
  });

  test('they fit a phone, in Portuguese too, and axe finds nothing, also of one that the hub gave up', async () => {
    const path = '/orgs/acme/settings';
    await client.webhooks.create(
      { namespace: 'acme' },
      {
        name: 'far away',
        hook_url: `https://ci.example/${'long'.repeat(40)}`,
        format: 'cloudevents',
        events: ['push', 'delete', 'restore', 'repository'],
      },
    );
    using database = new Database(hub.databasePath);
    database.run(
      "UPDATE webhooks SET is_active = 0, disabled_at = ?1, failing_since = ?1 WHERE name = 'far away'",
      [Date.now()],
    );
    await using alice = await Visitor.enter(browser, hub, { viewport: { width: 390, height: 800 } });
    await alice.signIn('alice');
    await expectFits(alice, path);
    await alice.sees(/^Nothing arrived there for three days/);
    await expectAccessible(alice, path);
    await alice.page.getByLabel('Language').selectOption('pt-BR');
    await alice.sees(/exclusões de tags e imagens/);
    await expectFits(alice, path);
    await alice.page.getByRole('button', { name: 'Editar o webhook far away' }).click();
    await dialog(alice).getByLabel('Novo segredo').waitFor();
    const { width = 0 } = (await dialog(alice).boundingBox()) ?? {};
    expect(width).toBeWithin(300, 391);
  });
});
