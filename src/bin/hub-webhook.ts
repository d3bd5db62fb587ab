/** `cais hub webhook …`: who is told of what happens, from the shell of the hub's machine; a hub that serves tells it. */
import type { ServerCommand, ServerFlags } from '../cli/context.ts';
import { alignTabs } from '../cli/table.ts';
import { putWebhookSchema, updateWebhookSchema } from '../hub-api/schemas/webhooks.ts';
import type { HubEvent } from '../hub/events.ts';
import type { HubParts } from '../hub/parts.ts';
import { readTarget } from '../hub/webhooks/target.ts';
import { newSecret } from '../hub/webhooks/webhook-secret.ts';
import { attributesOf, differences, settingsOf, withGiven } from '../hub/webhooks/webhook-settings.ts';
import type { Delivery, PlacedWebhook } from '../hub/webhooks/webhook-store.ts';
import { ConflictError, NotFoundError } from '../lib/errors.ts';
import { openQuietly } from './hub-parts.ts';
import { findPlace, readAs } from './hub-input.ts';
import { text, texts, truth } from './server-flags.ts';

/** Of an id, as it is shown and enough to name it by. */
const shownId = 8;
const maxDeliveries = 100;

export const listWebhooks: ServerCommand = async (flags, _input, output) => {
  const [only] = flags.args;
  await using parts = await openQuietly(flags);
  if (only !== undefined) await findPlace(parts, only);
  const rows = (await parts.webhooks.everywhere())
    .filter(({ of }) => only === undefined || of === only)
    .map((webhook) => {
      const { uuid, of, name, url, format, events } = webhook;
      return `${uuid.slice(0, shownId)}\t${of}\t${name}\t${stateOf(webhook)}\t${format}\t${events}\t${url}\n`;
    });
  await output.write(alignTabs(`ID\tOF\tNAME\tSTATE\tFORMAT\tEVENTS\tURL\n${rows.join('')}`));
  return 0;
};

export const addWebhook: ServerCommand = async (flags, _input, output) => {
  const [of = '', name, url] = flags.args;
  const given = readAs(putWebhookSchema, 'webhook', { name, hook_url: url, ...settingsIn(flags) });
  const attributes = attributesOf({ ...given, hook_url: readTarget(given.hook_url).href });
  await using parts = await openQuietly(flags);
  const place = await findPlace(parts, of);
  const { secret, sealed } = await newSecret(parts.secrets);
  const told = changeOf({ of, name: attributes.name }, 'created');
  const { uuid } = await parts.changes.make(
    () => parts.webhooks.create(place, attributes, sealed, undefined),
    told,
  );
  await output.write(`${uuid}\n${secret}\n`);
  return 0;
};

export const setWebhook: ServerCommand = async (flags, _input, output) => {
  const [name, url, isNew] = [text(flags, 'name'), text(flags, 'url'), truth(flags, 'new-secret') === true];
  const given = readAs(updateWebhookSchema, 'webhook', {
    ...(name !== undefined && { name }),
    ...(url !== undefined && { hook_url: readTarget(url).href }),
    ...(truth(flags, 'active') !== undefined && { is_active: truth(flags, 'active') }),
    ...settingsIn(flags),
  });
  await using parts = await openQuietly(flags);
  const webhook = await findWebhook(parts, flags.args[0] ?? '');
  const before = settingsOf(webhook);
  const after = withGiven(before, given);
  const made = isNew ? await newSecret(parts.secrets) : undefined;
  const fields = [...differences(before, after), ...(made ? ['secret'] : [])];
  await parts.changes.make(
    () => parts.webhooks.update(webhook, attributesOf(after), made?.sealed),
    () => (fields.length === 0 ? [] : [{ ...changeOf({ ...webhook, name: after.name }, 'updated'), fields }]),
  );
  await output.write(`${webhook.uuid}\n${made ? `${made.secret}\n` : ''}`);
  return 0;
};

export const removeWebhook: ServerCommand = async (flags, _input, output) => {
  await using parts = await openQuietly(flags);
  const webhook = await findWebhook(parts, flags.args[0] ?? '');
  await parts.changes.make(() => parts.webhooks.delete(webhook), changeOf(webhook, 'deleted'));
  await output.write(`${webhook.uuid}\n`);
  return 0;
};

export const listDeliveries: ServerCommand = async (flags, _input, output) => {
  await using parts = await openQuietly(flags);
  const webhook = await findWebhook(parts, flags.args[0] ?? '');
  const rows = (await parts.webhooks.deliveries(webhook, maxDeliveries)).map((delivery) => {
    const { uuid, event, created_at: at, attempts, status, failure } = delivery;
    const time = new Date(at).toISOString();
    return `${uuid.slice(0, shownId)}\t${time}\t${event}\t${outcomeOf(delivery)}\t${attempts}\t${status ?? '-'}\t${failure ?? ''}\n`;
  });
  await output.write(alignTabs(`ID\tTIME\tEVENT\tSTATE\tTRIES\tANSWER\tFAILURE\n${rows.join('')}`));
  return 0;
};

export const redeliver: ServerCommand = async (flags, _input, output) => {
  const [id = '', prefix = ''] = flags.args;
  await using parts = await openQuietly(flags);
  const webhook = await findWebhook(parts, id);
  const deliveries = await parts.webhooks.deliveries(webhook, maxDeliveries);
  const { uuid } = only(
    'delivery',
    prefix,
    deliveries.filter((each) => each.uuid.startsWith(prefix)),
  );
  await parts.webhooks.redeliver(webhook, uuid);
  await output.write(`${uuid}\n`);
  return 0;
};

function settingsIn(flags: ServerFlags): object {
  const [format, events] = [text(flags, 'format'), texts(flags, 'event')];
  return { ...(format !== undefined && { format }), ...(events.length > 0 && { events }) };
}

/** @param prefix of its id. @throws NotFoundError, ConflictError */
async function findWebhook({ webhooks }: HubParts, prefix: string): Promise<PlacedWebhook> {
  return only('webhook', prefix, await webhooks.everywhere(prefix));
}

function only<T>(what: string, prefix: string, found: readonly T[]): T {
  const [first] = prefix === '' ? [] : found;
  if (first === undefined) throw new NotFoundError(`there is no ${what} ${prefix}`);
  if (found.length > 1) throw new ConflictError(`${found.length} begin with ${prefix}: give more of the id`);
  return first;
}

function changeOf(
  { of, name }: { readonly of: string; readonly name: string },
  change: 'created' | 'updated' | 'deleted',
) {
  return { kind: 'webhook-changed', of, name, change } as const satisfies HubEvent;
}

function stateOf({ is_active, disabled_at, failing_since }: PlacedWebhook): string {
  if (disabled_at !== null) return 'given up';
  if (is_active === 0) return 'off';
  return failing_since === null ? 'on' : 'failing';
}

function outcomeOf({ next_at, status, failure }: Delivery): string {
  if (next_at !== null) return 'waiting';
  return status !== null && failure === null ? 'delivered' : 'failed';
}
