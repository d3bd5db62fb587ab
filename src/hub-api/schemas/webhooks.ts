/** Webhooks: whom to tell of what happens to a repository or in a namespace. */
import { z } from 'zod';
import { time } from './common.ts';

const events = ['push', 'delete', 'restore', 'repository'] as const;

const settings = {
  name: z.string().trim().min(1, 'a name is expected').max(100),
  hook_url: z
    .string()
    .max(2048)
    .describe('http:// or https://; in a private network only where an administrator allows it.'),
  format: z
    .enum(['docker', 'cloudevents'])
    .describe('Docker Hub’s payload, which knows pushes only, or a CloudEvent.'),
  events: z
    .array(z.enum(events))
    .min(1, 'one event at least is expected')
    .describe('`repository`: made, deleted, restored, moved, its settings changed.'),
  is_active: z.boolean(),
};

export const putWebhookSchema = z
  .object({
    ...settings,
    format: settings.format.default('docker'),
    events: settings.events.default(['push']),
    is_active: settings.is_active.default(true),
  })
  .meta({ id: 'PutWebhookRequest' });

export const updateWebhookSchema = z
  .object({
    ...settings,
    new_secret: z
      .literal(true)
      .describe('Another secret, which the answer tells; the old one signs no more.'),
  })
  .partial()
  .meta({ id: 'UpdateWebhookRequest', description: 'What is left out stays as it is.' });

export const webhookSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    hook_url: z.string(),
    format: z.enum(['docker', 'cloudevents']),
    events: z.array(z.enum(events)),
    is_active: z.boolean(),
    created_at: time,
    failing_since: time.nullable().describe('Of the first failure since the last success.'),
    disabled_at: time.nullable().describe('The hub gave up after days without a success.'),
    secret: z.string().optional().describe('Told once. It signs what is sent, as Standard Webhooks has it.'),
  })
  .meta({ id: 'Webhook' });

export const webhookListSchema = z
  .object({ results: z.array(webhookSchema) })
  .meta({ id: 'WebhookList', description: 'The webhooks of a place.' });

const deliverySchema = z
  .object({
    id: z.string().describe('The `webhook-id` header.'),
    event: z.string(),
    state: z.enum(['waiting', 'delivered', 'failed']),
    body: z.string().describe('What is sent.'),
    created_at: time,
    attempts: z.int(),
    next_at: time.nullable().describe('When it is tried again.'),
    tried_at: time.nullable(),
    status: z.int().nullable().describe('Of the answer.'),
    took: z.int().nullable().describe('In milliseconds.'),
    response: z.string().nullable().describe('The beginning of the answer.'),
    failure: z.string().nullable(),
  })
  .meta({ id: 'WebhookDelivery' });

export const deliveryListSchema = z
  .object({ results: z.array(deliverySchema) })
  .meta({ id: 'WebhookDeliveryList', description: 'The latest first.' });

export const sentSchema = z.object({ id: z.string() }).meta({ id: 'SentDelivery' });
