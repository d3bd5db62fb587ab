/** The pages of an administrator in a real browser; for everybody else they are not there. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { pushImage } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

const parts = [
  '',
  '/storage',
  '/quotas',
  '/replication',
  '/cache',
  '/garbage',
  '/settings',
  '/errors',
  '/audit',
];

describe.skipIf(chromiumPath() === undefined)('the administration', () => {
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    // The first account of a hub is its administrator.
    for (const name of ['root1', 'alice']) {
      await using visitor = await Visitor.enter(browser, hub);
      await visitor.signUp(name);
    }
    const push = { hubUrl: hub.url, username: 'alice', password, repository: 'alice/app', tag: '1.0' };
    await pushImage(push, [['ADD file in /', 5000]]);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  const main = (visitor: Visitor) => visitor.page.getByRole('main');
  const user = (visitor: Visitor, name: string) =>
    visitor.page.getByRole('listitem').filter({ has: visitor.page.getByRole('link', { name, exact: true }) });

  test('is not there for strangers and for other accounts', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    for (const part of parts) {
      await visitor.open(`/admin${part}`);
      await visitor.heading('Nothing moored here').waitFor();
    }
    await using alice = await Visitor.enter(browser, hub);
    await alice.signIn('alice');
    await alice.open('/admin');
    await alice.heading('Nothing moored here').waitFor();
    await alice.page.getByRole('button', { name: 'Account menu' }).click();
    await alice.page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
    expect(await alice.page.getByRole('menuitem', { name: 'Administration' }).count()).toBe(0);
  });

  test('finds somebody, switches the account off and on, and gives a link for a new password', async () => {
    await using root = await Visitor.enter(browser, hub);
    await root.signIn('root1');
    await root.page.getByRole('button', { name: 'Account menu' }).click();
    await root.page.getByRole('menuitem', { name: 'Administration' }).click();
    await root.page.getByLabel('Filter by name or email').fill('alice@');
    await root.sees('1 person');
    const act = async (what: string): Promise<void> => {
      await root.page.getByRole('button', { name: 'What to do with alice' }).click();
      await root.page.getByRole('menuitem', { name: what }).click();
    };
    await act('Deactivate…');
    await root.page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
    await user(root, 'alice').getByText('Inactive').waitFor();
    await using alice = await Visitor.enter(browser, hub);
    await alice.open('/login');
    await alice.page.getByLabel('Username').fill('alice');
    await alice.page.getByLabel('Password', { exact: true }).fill(password);
    await alice.button('Sign in').click();
    await alice.sees('The username or the password is wrong.');
    await act('Activate');
    await user(root, 'alice').getByText('Inactive').waitFor({ state: 'detached' });
    await act('New password…');
    await root.page.getByRole('dialog').getByRole('button', { name: 'Make the link' }).click();
    const link = await root.page.getByRole('group', { name: 'Link to set a new password' }).textContent();
    await alice.open(new URL(link ?? '').pathname + new URL(link ?? '').search);
    await alice.page.getByLabel('New password').fill(password);
    await alice.button('Set the password').click();
    await alice.page.waitForURL('**/login');
    // What cannot be done to oneself is not offered.
    await root.page.getByLabel('Filter by name or email').fill('root1');
    await user(root, 'root1').getByText('You').waitFor();
    expect(await root.page.getByRole('button', { name: /What to do with/ }).count()).toBe(0);
  });

  test('invites somebody by a link', async () => {
    await using root = await Visitor.enter(browser, hub);
    await root.signIn('root1');
    await root.open('/admin');
    await root.page.getByLabel('Email, where only it may sign up').fill('not an address');
    await root.button('Make an invitation').click();
    await root.sees(/^Enter an email address/);
    await root.page.getByLabel('Email, where only it may sign up').fill('bob@example.com');
    await root.button('Make an invitation').click();
    const link = await root.page.getByRole('group', { name: 'Link to sign up' }).textContent();
    expect(link).toContain('/signup?invitation=cais_invite_');
    await root.button('Take the invitation for bob@example.com back').click();
    await root.button('Take the invitation for bob@example.com back').waitFor({ state: 'detached' });
  });

  test('tells who holds how much, looks for garbage and collects it, and tells how the hub was set up', async () => {
    await using root = await Visitor.enter(browser, hub);
    await root.signIn('root1');
    await root.open('/admin');
    await root.page.getByRole('tab', { name: 'Storage' }).click();
    await main(root).getByRole('link', { name: 'alice' }).waitFor();
    await root.sees(/are free on the disk/);
    await root.page.getByRole('tab', { name: 'Garbage' }).click();
    await root.button('See what would go').click();
    await root.sees(/would be freed/);
    await root.button('Collect garbage').click();
    await root.page.getByRole('dialog').getByRole('button', { name: 'Collect garbage' }).click();
    await root.sees(/ freed: 0 blobs/);
    await root.sees(/by root1/);
    await root.page.getByRole('tab', { name: 'Settings' }).click();
    await root.sees('CAIS_HUB_SIGN_UP');
    await root.page.getByRole('tab', { name: 'Errors' }).click();
    await root.sees('No request has failed by a fault of the hub since it was started.');
  });

  test('fits a phone, in Portuguese', async () => {
    await using root = await Visitor.enter(browser, hub);
    await root.signIn('root1');
    await root.page.setViewportSize({ width: 390, height: 780 });
    await root.page.evaluate("localStorage.setItem('cais.language', 'pt-BR')");
    for (const part of parts) {
      await root.open(`/admin${part}`);
      await root.heading('Administração').waitFor();
      await root.page.waitForLoadState('networkidle');
      expect([part, await root.page.evaluate('document.documentElement.scrollWidth')]).toEqual([part, 390]);
    }
  });
});
