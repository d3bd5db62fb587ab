/** The audit log on pages: an administrator's of the whole hub, an organization's for its owners, and one's own. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { HubClient } from '../../src/hub-api/client.ts';
import type { AuditLog } from '../../src/hub-api/types.ts';
import { auditActions } from '../../src/hub/audit/actions.ts';
import { NotFoundError } from '../../src/lib/errors.ts';
import en from '../../src/web/locales/en.json';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { expectAccessible, expectFits } from './support/expect-accessible.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { pushImage } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

test('every action has a name on pages', () => {
  const keys = Object.entries(auditActions).flatMap(([group, { actions }]) =>
    Object.keys(actions).map((action) => `${group}_${action.replaceAll('.', '_')}`),
  );
  expect(Object.keys(en.audit.actions).toSorted()).toEqual(keys.toSorted());
});

describe.skipIf(chromiumPath() === undefined)('the audit log', () => {
  let hub: HubWithPages;
  let browser: Browser;

  /** Alice pushes into her organization, and bob asks for what he may not see. */
  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    // The first account of a hub is its administrator.
    for (const username of ['root1', 'alice', 'bob']) {
      const email = `${username}@example.com`;
      await new HubClient({ baseUrl: hub.url }).signup({ username, email, password });
    }
    const [alice, bob] = await Promise.all([clientOf('alice'), clientOf('bob')]);
    await alice.organizations.create({ orgname: 'acme', full_name: 'Acme Shipping' });
    await alice.createRepository({ namespace: 'acme', name: 'secret', is_private: true });
    const push = { hubUrl: hub.url, username: 'alice', password, tag: '1.0' };
    await pushImage({ ...push, repository: 'acme/app' }, [['ADD file in /', 5000]]);
    await pushImage({ ...push, repository: 'alice/own' }, [['ADD file in /', 5000]]);
    const asked = bob.repository('acme', 'secret');
    await asked.then(
      () => expect.unreachable('bob sees what is private'),
      (error: unknown) => expect(error).toBeInstanceOf(NotFoundError),
    );
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  async function clientOf(username: string): Promise<HubClient> {
    const { token } = await new HubClient({ baseUrl: hub.url }).login({ username, password });
    return new HubClient({ baseUrl: hub.url, token });
  }

  async function enterAs(username: string, path: string): Promise<Visitor> {
    const visitor = await Visitor.enter(browser, hub);
    await visitor.signIn(username);
    await visitor.open(path);
    return visitor;
  }

  const entries = ({ page }: Visitor) => page.getByRole('list', { name: 'Audit log' }).getByRole('listitem');
  const entry = (visitor: Visitor, text: string) => entries(visitor).filter({ hasText: text });

  test('shows an administrator what was pushed and what was refused, and looks for it', async () => {
    await using root = await enterAs('root1', '/admin');
    await root.page.getByRole('tab', { name: 'Audit log' }).click();
    const push = entry(root, 'Tag pushed: acme/app:1.0');
    await push.getByRole('link', { name: 'alice' }).waitFor();
    await entry(root, 'Tag pushed: alice/own:1.0').waitFor();
    const refusal = entry(root, 'Access refused: acme/secret');
    await refusal.getByText('Refused', { exact: true }).waitFor();
    expect(await push.getByText('Refused', { exact: true }).count()).toBe(0);
    await push.getByRole('button', { name: 'Details: Tag pushed acme/app:1.0' }).click();
    await push.getByText('127.0.0.1').waitFor();
    await push.getByText('repo.tag.push').waitFor();
    await push.getByText('Request id').waitFor();
    await root.page.getByLabel('What', { exact: true }).selectOption('Refused');
    await push.waitFor({ state: 'detached' });
    await refusal.getByText('bob').waitFor();
    await root.page.getByLabel('Who').fill('alice');
    await root.sees('There is no entry like that.');
    await root.button('Take the filters away').click();
    await push.waitFor();
    await root.page.getByLabel('Of what').fill('acme/app');
    await entry(root, 'alice/own').first().waitFor({ state: 'detached' });
    await push.waitFor();
    await root.page.getByLabel('To day').fill('2020-01-01');
    await root.sees('There is no entry like that.');
    await root.page.getByLabel('To day').fill('');
    await root.page.getByLabel('From day').fill('2020-01-01');
    await push.waitFor();
  });

  test('gives what fits as a file', async () => {
    await using root = await enterAs('root1', '/admin/audit');
    await root.page.getByLabel('Of what').fill('acme/app');
    const file = async (name: string): Promise<[string, string]> => {
      const link = root.page.getByRole('link', { name });
      await root.page.locator('a[href*="name=acme%2Fapp"]').first().waitFor();
      const [download] = await Promise.all([root.page.waitForEvent('download'), link.click()]);
      return [download.suggestedFilename(), await Bun.file(await download.path()).text()];
    };
    const [csvName, csv] = await file('Export CSV');
    expect(csvName).toBe('audit.csv');
    const [head, ...lines] = csv.trimEnd().split('\r\n');
    expect(head).toStartWith('timestamp,action,outcome');
    expect(lines.filter((line) => line.includes('repo.tag.push'))).toHaveLength(1);
    const [jsonName, json] = await file('Export JSON');
    expect(jsonName).toBe('audit.jsonl');
    const logs = json
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditLog);
    expect(logs).toHaveLength(lines.length);
    expect(new Set(logs.map(({ name }) => name))).toEqual(new Set(['acme/app']));
  });

  test('shows an owner what concerns the organization, and everybody what they did', async () => {
    await using alice = await enterAs('alice', '/orgs/acme/settings');
    await alice.button('Show the audit log').click();
    await entry(alice, 'Tag pushed: acme/app:1.0').waitFor();
    await entry(alice, 'Access refused: acme/secret').getByText('bob').waitFor();
    expect(await entry(alice, 'alice/own').count()).toBe(0);
    expect(await entry(alice, 'Signed in').count()).toBe(0);
    await alice.open('/settings');
    await alice.button('Show the audit log').click();
    await entry(alice, 'Tag pushed: alice/own:1.0').waitFor();
    await entry(alice, 'Signed in').first().waitFor();
    expect(await entry(alice, 'bob').count()).toBe(0);
  });

  test('is read a page at a time, the newest first', async () => {
    const alice = await clientOf('alice');
    for (let number = 1; number <= 12; number++) {
      await alice.createRepository({ namespace: 'acme', name: `one-of-many-${number}` });
    }
    await using owner = await enterAs('alice', '/orgs/acme/settings');
    await owner.button('Show the audit log').click();
    await entries(owner).nth(9).waitFor();
    expect(await entries(owner).first().textContent()).toContain('acme/one-of-many-12');
    await owner.page.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: '2' }).click();
    await entry(owner, 'acme/one-of-many-2').waitFor();
    await owner.button('Previous').click();
    await entry(owner, 'acme/one-of-many-12').waitFor();
  });

  test('can be heard, in the light and in the dark, and fits a phone', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await using root = await Visitor.enter(browser, hub, { colorScheme });
      await root.signIn('root1');
      await expectAccessible(root, '/admin/audit');
    }
    await using root = await Visitor.enter(browser, hub, { viewport: { width: 390, height: 780 } });
    await root.signIn('root1');
    await expectFits(root, '/admin/audit');
  });
});
