/**
 * The pictures of the README and the docs, taken from a running hub in both languages: docs/images/*.png.
 *   bun scripts/screenshots.ts URL NAMESPACE/NAME[:TAG]
 * The repository has to be public and pushed, with an image of two layers or more. For the empty repository an account with a name
 * of its own is made; the administration is taken where that is the hub's first account, or an administrator.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { HubClient } from '../src/hub-api/client.ts';
import { HubInputError } from '../src/hub-api/client-errors.ts';
import type { Repository } from '../src/hub-api/types.ts';
import { InvalidError } from '../src/lib/errors.ts';
import { parseReference, withDefaultTag } from '../src/oci/image/reference.ts';
import {
  administrationPath,
  organizationPath,
  patterns,
  repositoryPath,
  searchPath,
  tagChangesPath,
  tagFilesPath,
  tagPath,
} from '../src/web/routes.ts';
import { openBrowser } from '../tests/browser/support/browser.ts';

const [url, image] = process.argv.slice(2);
if (!url || !image) throw new InvalidError('usage: bun scripts/screenshots.ts URL NAMESPACE/NAME[:TAG]');

const images = join(import.meta.dir, '..', 'docs', 'images');
const { path, tag = '' } = withDefaultTag(parseReference(image));
const [namespace = '', name = ''] = path.split('/');

const password = crypto.randomUUID();

/** `ana` is free on a new hub; afterwards a name of this run is. */
async function makeAccount(visitor: HubClient): Promise<string> {
  for (const username of ['ana', `ana${Date.now().toString(36)}`]) {
    try {
      await visitor.signup({ username, email: `${username}@example.com`, password });
      return username;
    } catch (error) {
      if (!(error instanceof HubInputError)) throw error;
    }
  }
  throw new InvalidError('cannot make an account for the picture of the empty repository');
}

/** What pages of one's own show. The repository is private, so that it is in no list of the other pictures. */
async function makeOwn(
  origin: string,
): Promise<{ repository: Repository; organization: string; isAdmin: boolean }> {
  const visitor = new HubClient({ baseUrl: origin });
  const namespace = await makeAccount(visitor);
  const { token } = await visitor.login({ username: namespace, password });
  const owner = new HubClient({ baseUrl: origin, token });
  const repository = await owner.createRepository({
    namespace,
    name: 'my-image',
    description: 'My first image',
    is_private: true,
  });
  const organization = await makeOrganization(origin, owner, namespace);
  return { repository, organization, isAdmin: (await owner.currentUser())?.is_admin ?? false };
}

/** With a member and a team, so that its pages are not empty. @returns its name. */
async function makeOrganization(origin: string, owner: HubClient, ownerName: string): Promise<string> {
  const { organizations } = owner;
  const orgname = `${ownerName}-lab`;
  await organizations.create({ orgname, full_name: 'The lab' });
  const member = `rui-of-${ownerName}`;
  const visitor = new HubClient({ baseUrl: origin });
  await visitor.signup({ username: member, email: `${member}@example.com`, password });
  const { name } = await organizations.createTeam(orgname, {
    name: 'developers',
    description: 'Who may push',
  });
  await organizations.addTeamMember(orgname, name, member);
  return orgname;
}

async function take(page: Page, file: string, address: string): Promise<void> {
  await page.goto(new URL(address, url).href, { waitUntil: 'networkidle' });
  await page.evaluate('document.fonts.ready');
  await page.screenshot({ path: join(images, file) });
  console.log(`docs/images/${file}`);
}

/** The session is a cookie: signing in over the API is enough, whatever language the page speaks. */
async function signIn(page: Page, username: string): Promise<void> {
  await page.request.post(new URL('/v2/users/login/', url).href, { data: { username, password } });
  await page.evaluate("localStorage.setItem('cais.session', 'yes')");
}

await mkdir(images, { recursive: true });
const { repository: empty, organization, isAdmin } = await makeOwn(url);
await using browser = await openBrowser();
for (const [locale, suffix] of [
  ['en-US', ''],
  ['pt-BR', '.pt-BR'],
] as const) {
  const page = await browser.newPage({
    locale,
    viewport: { width: 1200, height: 820 },
    deviceScaleFactor: 2,
  });
  await take(page, `home${suffix}.png`, '/');
  await take(page, `repository${suffix}.png`, repositoryPath(namespace, name));
  await take(page, `tag${suffix}.png`, tagPath(namespace, name, tag));
  await signIn(page, empty.namespace);
  await take(page, `empty-repository${suffix}.png`, repositoryPath(empty.namespace, empty.name));
  // What is looked at less is smaller.
  const small = await browser.newPage({ locale, viewport: { width: 1100, height: 700 } });
  await take(small, `search${suffix}.png`, searchPath({ query: name }));
  await take(small, `files${suffix}.png`, tagFilesPath(namespace, name, tag, { path: 'etc' }));
  await take(small, `changes${suffix}.png`, tagChangesPath(namespace, name, tag, { layer: 1 }));
  await take(small, `activity${suffix}.png`, repositoryPath(namespace, name, 'activity'));
  await signIn(small, empty.namespace);
  await take(small, `organization${suffix}.png`, organizationPath(organization, 'members'));
  await take(small, `account-settings${suffix}.png`, patterns.settings);
  if (isAdmin) {
    await take(small, `administration${suffix}.png`, administrationPath('storage'));
    await take(small, `administration-cache${suffix}.png`, administrationPath('cache'));
  }
  await small.close();
  await page.close();
}
