/** What a webhook is set to, as people say it: what they give, over what it was before, and which of it that changes. */
import type { z } from 'zod';
import type { putWebhookSchema, updateWebhookSchema } from '../../hub-api/schemas/webhooks.ts';
import type { WebhookAttributes } from './webhook-store.ts';
import type { Webhook } from './webhook.ts';

export type WebhookSettings = z.output<typeof putWebhookSchema>;
export type WebhookUpdate = z.output<typeof updateWebhookSchema>;

export function settingsOf({ name, url, format, events, is_active }: Webhook): WebhookSettings {
  return {
    name,
    hook_url: url,
    format,
    events: events.split(',') as WebhookSettings['events'],
    is_active: is_active === 1,
  };
}

export function withGiven(before: WebhookSettings, given: WebhookUpdate): WebhookSettings {
  const { name, hook_url, format, events, is_active } = before;
  return {
    name: given.name ?? name,
    hook_url: given.hook_url ?? hook_url,
    format: given.format ?? format,
    events: given.events ?? events,
    is_active: given.is_active ?? is_active,
  };
}

export function attributesOf(settings: WebhookSettings): WebhookAttributes {
  const { name, hook_url: url, format, events, is_active: isActive } = settings;
  return { name, url, format, events: [...new Set(events)], isActive };
}

/** The names of what differs. */
export function differences(before: WebhookSettings, after: WebhookSettings): readonly string[] {
  const names = Object.keys(before) as (keyof WebhookSettings)[];
  return names.filter((name) => String(before[name]) !== String(after[name]));
}
