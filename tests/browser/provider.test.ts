/** Signing in by a provider, on the hub's pages in a real browser, with a real provider. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { RealProvider } from '../../src/hub/testing/real-provider.ts';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { expectAccessible } from './support/expect-accessible.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

describe.skipIf(chromiumPath() === undefined)('signing in by a provider', () => {
  let provider: RealProvider;
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    provider = await RealProvider.start();
    [hub, browser] = await Promise.all([startHubWithPages({ settings: provider.settings() }), openBrowser()]);
    await provider.admit(hub.url);
    for (const login of ['ana', 'bia', 'carla'])
      provider.people.set(login, {
        preferred_username: login,
        email: `${login}@example.com`,
        email_verified: true,
      });
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
    await provider?.[Symbol.asyncDispose]();
  });

  const enter = () => Visitor.enter(browser, hub, undefined, provider.issuer);

  /** At the provider. @param login empty: gives up. */
  async function authenticate({ page }: Visitor, login: string): Promise<void> {
    await page.getByLabel('Login').fill(login);
    await page.getByRole('button', { name: 'Continue' }).click();
  }

  const menu = ({ page }: Visitor) => page.getByRole('button', { name: 'Account menu' });

  test.each([
    ['en-US', 'Sign in by Company', 'Username'],
    ['pt-BR', 'Entrar com Company', 'Nome de usuário'],
  ])('is offered with the form, before the hub is asked: %s', async (locale, button, username) => {
    await using visitor = await Visitor.enter(browser, hub, { locale });
    let asked = 0;
    await visitor.page.route('**/v2/**', (route) => {
      asked++;
      return route.abort();
    });
    await visitor.open('/login');
    await visitor.page.getByRole('link', { name: button }).waitFor();
    expect(await visitor.page.getByRole('textbox', { name: username }).count()).toBe(1);
    expect(asked).toBe(0);
  });

  test('somebody new goes through it and back to where they were, and ends both sessions', async () => {
    await using visitor = await enter();
    await visitor.open('/login?next=%2Fsettings');
    await visitor.page.getByRole('link', { name: 'Sign in by Company' }).click();
    await authenticate(visitor, 'ana');
    await visitor.heading('Sign-in by Company').waitFor();
    expect(visitor.path).toBe('/settings');
    await visitor.sees('make an access token above');
    expect(await visitor.page.getByText('Change the password').count()).toBe(0);
    await menu(visitor).click();
    await visitor.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await visitor.page.getByRole('button', { name: 'Sign out of Company' }).click();
    await visitor.page.waitForURL(`${hub.url}/`);
    await visitor.page.getByRole('link', { name: 'Sign in' }).first().waitFor();
  });

  test('somebody who has an account links it with the password, and unlinks it', async () => {
    await using visitor = await enter();
    await visitor.signUp('bia');
    await visitor.page.context().clearCookies();
    await visitor.open('/login');
    await visitor.page.getByRole('link', { name: 'Sign in by Company' }).click();
    await authenticate(visitor, 'bia');
    await visitor.heading('Almost there').waitFor();
    await expectAccessible(visitor, '/login/finish');
    await visitor.page.getByLabel('Password', { exact: true }).fill('not this one');
    await visitor.button('Link and sign in').click();
    await visitor.sees('The username or the password is wrong.');
    await visitor.page.getByLabel('Password', { exact: true }).fill(password);
    await visitor.button('Link and sign in').click();
    await menu(visitor).waitFor();
    await visitor.open('/settings');
    await visitor.sees('Company opens this account: bia@example.com');
    await visitor.button('Unlink').click();
    await visitor.button('Link Company').waitFor();
  });

  test('somebody whose name is taken chooses another, in their language', async () => {
    await using other = await enter();
    await other.signUp('carla');
    await using visitor = await Visitor.enter(browser, hub, { locale: 'pt-BR' }, provider.issuer);
    await visitor.open('/login');
    await visitor.page.getByRole('link', { name: 'Entrar com Company' }).click();
    await authenticate(visitor, 'carla');
    await visitor.heading('Quase lá').waitFor();
    await visitor.page.getByLabel('Escolha um nome de usuário').fill('carla2');
    await visitor.button('Criar a conta').click();
    await visitor.page.getByRole('button', { name: 'Menu da conta' }).waitFor();
  });

  test('who gives up is told so in words of the hub’s own', async () => {
    await using visitor = await enter();
    await visitor.open('/login');
    await visitor.page.getByRole('link', { name: 'Sign in by Company' }).click();
    await authenticate(visitor, '');
    await visitor.sees('The sign-in was cancelled.');
    await visitor.open('/login?failure=%3Cb%3Eyour%20password%20please');
    await visitor.heading('Sign in').waitFor();
    expect(await visitor.page.getByText('your password please').count()).toBe(0);
    await visitor.page.getByRole('link', { name: 'Sign in by Company' }).waitFor();
  });
});
