/** What an account looks after, on the hub's pages in a real browser: tokens, second factor, password, sessions. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { Secret, TOTP } from 'otpauth';
import { HubClient } from '../../src/hub-api/client.ts';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

describe.skipIf(chromiumPath() === undefined)('the settings of an account', () => {
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  async function enterAs(name: string): Promise<Visitor> {
    const visitor = await Visitor.enter(browser, hub);
    await visitor.signUp(name);
    await visitor.page.getByRole('button', { name: 'Account menu' }).click();
    await visitor.page.getByRole('menuitem', { name: 'Settings' }).click();
    await visitor.heading('Access tokens').waitFor();
    return visitor;
  }

  const dialog = (visitor: Visitor) => visitor.page.getByRole('dialog');

  test('ask who is signed in', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/settings');
    await visitor.heading('Sign in to go on').waitFor();
  });

  test('what everybody may know is changed, and shown as it was typed', async () => {
    await using visitor = await enterAs('uma');
    await visitor.page.getByLabel('Full name').fill('Uma <script>Silva</script>');
    await visitor.page.getByLabel('Location').fill('Recife');
    // Other parts of the page have such a button, too.
    await visitor.button('Save').first().click();
    await visitor.sees('Saved.');
    await using other = await Visitor.enter(browser, hub);
    await other.open('/u/uma');
    await other.heading('Uma <script>Silva</script>').waitFor();
    await other.sees('Recife');
  });

  test('an access token is shown once, signs in, and is ended', async () => {
    await using visitor = await enterAs('tina');
    await visitor.button('New access token').click();
    await dialog(visitor).getByRole('button', { name: 'Create' }).click();
    await visitor.sees('Give it a name.');
    await dialog(visitor).getByLabel('Name').fill('<b>laptop</b>');
    await dialog(visitor).getByLabel('What it may do').selectOption('repo:read');
    await dialog(visitor).getByRole('button', { name: 'Create' }).click();
    const token = (await dialog(visitor).locator('code').first().textContent()) ?? '';
    expect(token).toStartWith('dckr_pat_');
    await dialog(visitor).getByText('login -u tina').waitFor();
    await dialog(visitor).getByRole('button', { name: 'Close', exact: true }).last().click();
    await visitor.sees('<b>laptop</b>');
    await dialog(visitor).waitFor({ state: 'detached' });
    expect((await visitor.page.content()).includes(token)).toBe(false);
    const client = new HubClient({ baseUrl: hub.url });
    const login = { username: 'tina', password: token };
    expect((await client.login(login)).token).toBeString();
    await visitor.button('Disable <b>laptop</b>').click();
    await visitor.sees('(disabled)');
    await expect(client.login(login)).rejects.toMatchObject({ name: 'UnauthorizedError' });
    await visitor.button('Delete <b>laptop</b>').click();
    await dialog(visitor)
      .getByText(/can sign in with it no more/)
      .waitFor();
    await dialog(visitor).getByRole('button', { name: 'Delete' }).click();
    await visitor.sees('There are none yet.');
  });

  test('a second factor is set up, asked for when signing in, and turned off', async () => {
    await using visitor = await enterAs('fay');
    await visitor.button('Turn it on').click();
    await dialog(visitor).getByLabel('Present password').fill('not this one');
    await dialog(visitor).getByRole('button', { name: 'Next' }).click();
    await visitor.sees('This is not your present password.');
    await dialog(visitor).getByLabel('Present password').fill(password);
    await dialog(visitor).getByRole('button', { name: 'Next' }).click();
    const secret = (await dialog(visitor).locator('code').first().textContent()) ?? '';
    const picture = dialog(visitor).getByRole('img', { name: 'QR code' });
    await picture.waitFor();
    // Drawn from elements: nothing inline that the Content-Security-Policy would refuse.
    expect(await picture.evaluate((element) => [element.tagName, element.getAttribute('style')])).toEqual([
      'svg',
      null,
    ]);
    const totp = new TOTP({ secret: Secret.fromBase32(secret) });
    await dialog(visitor).getByLabel('Code').fill('000000');
    await dialog(visitor).getByRole('button', { name: 'Turn it on' }).click();
    await visitor.sees(/^This code is wrong/);
    await dialog(visitor).getByLabel('Code').fill(totp.generate());
    await dialog(visitor).getByRole('button', { name: 'Turn it on' }).click();
    await visitor.sees(/^Keep these codes/);
    const codes = ((await dialog(visitor).locator('code').first().textContent()) ?? '').split(' ');
    await dialog(visitor).getByRole('button', { name: 'Close', exact: true }).last().click();
    await visitor.sees(/^Signing in asks for a code as well/);

    await using other = await Visitor.enter(browser, hub);
    await other.open('/login');
    await other.page.getByLabel('Username').fill('fay');
    await other.page.getByLabel('Password', { exact: true }).fill(password);
    await other.button('Sign in').click();
    await other.page.getByLabel('Code').fill('nothing');
    await other.button('Sign in').click();
    await other.sees(/^This code is wrong/);
    await other.page.getByLabel('Code').fill(codes[0] ?? '');
    await other.button('Sign in').click();
    await other.page.getByRole('button', { name: 'Account menu' }).waitFor();

    await visitor.button('Turn it off').click();
    await dialog(visitor)
      .getByLabel('Code')
      .fill(codes[1] ?? '');
    await dialog(visitor).getByRole('button', { name: 'Turn it off' }).click();
    await visitor.sees('Signing in asks for the password alone.');
  });

  test('a changed password ends the other sessions, and each can be ended by itself', async () => {
    await using visitor = await enterAs('sid');
    const client = new HubClient({ baseUrl: hub.url });
    await client.login({ username: 'sid', password });
    await visitor.page.reload();
    await visitor.button('End').first().waitFor();
    expect(await visitor.page.getByRole('list', { name: 'Sessions' }).getByRole('listitem').count()).toBe(2);
    await visitor.button('End').first().click();
    await visitor.button('End').first().waitFor({ state: 'detached' });
    const { token } = await client.login({ username: 'sid', password });
    await visitor.page.getByLabel('Present password').fill('wrong');
    await visitor.page.getByLabel('New password').fill('another-quay-10');
    await visitor.button('Change the password').click();
    await visitor.sees('This is not your present password.');
    await visitor.page.getByLabel('Present password').fill(password);
    await visitor.button('Change the password').click();
    await visitor.sees('The password is changed.');
    expect(await new HubClient({ baseUrl: hub.url, token }).currentUser()).toBeUndefined();
    expect((await client.login({ username: 'sid', password: 'another-quay-10' })).token).toBeString();
  });

  test('a link to a new password that is no good is told', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/reset-password');
    await visitor.sees(/^This link was used/);
    await visitor.open('/reset-password?token=made-up');
    await visitor.page.getByLabel('New password').fill('another-quay-10');
    await visitor.button('Set the password').click();
    await visitor.sees(/^This link was used/);
  });
});
