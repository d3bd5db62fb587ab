/** The audit log, in Docker Hub's shapes and with more. */
import { z } from 'zod';
import { pageQueryOf, time } from './common.ts';

/** A time, or a day in UTC. */
const instant = z
  .string()
  .regex(/^(?:\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?)?$/, {
    error: 'a time like 2026-11-27T10:00:00Z or a day like 2026-11-27 is expected',
  })
  .transform((text) => (text === '' ? undefined : Date.parse(text)))
  .refine((at) => at === undefined || !Number.isNaN(at), 'there is no such time')
  .optional()
  .meta({ type: 'string', format: 'date-time', pattern: undefined });

const text = z
  .string()
  .max(512)
  .transform((given) => given || undefined)
  .optional();

const filter = {
  action: text.meta({
    type: 'string',
    maxLength: 512,
    description: 'As in `repo.tag.push`; with a dot at its end all of a group, as in `repo.`',
  }),
  name: text.meta({
    type: 'string',
    maxLength: 512,
    description: 'What it was done to: a repository’s path, an organization, an account.',
  }),
  actor: text.meta({ type: 'string', maxLength: 512, description: 'The account that did it.' }),
  token: text.meta({
    type: 'string',
    maxLength: 512,
    description: 'The label of the access token that was used.',
  }),
  address: text.meta({ type: 'string', maxLength: 512, description: 'That of the client, the whole of it.' }),
  outcome: z.enum(['done', 'refused']).optional(),
  from: instant.describe('The first time; a day is in UTC.'),
  to: instant.describe('The time after the last.'),
};

export const auditQuery = z.object({ ...filter, ...pageQueryOf(100, 25) });

export const auditExportQuery = z.object({
  ...filter,
  format: z.enum(['csv', 'json']).default('json').describe('`json` is an object in each line.'),
});

const auditEntrySchema = z
  .object({
    id: z.string(),
    account: z.string().describe('Whose log it is in: an account, an organization; empty: the hub’s.'),
    action: z.string(),
    name: z.string().describe('What it was done to.'),
    actor: z.string().describe('An account’s name as it was, or (hub), (shell), (anonymous).'),
    data: z.record(z.string(), z.string()),
    timestamp: time,
    action_description: z.string(),
    outcome: z.enum(['done', 'refused']),
    token: z.string().nullable().describe('The label of the access token that was used.'),
    address: z.string().nullable().describe('Of the client.'),
    request_id: z.string().nullable().describe('The same in the hub’s log.'),
    times: z.int().describe('More than one for refusals that are alike.'),
  })
  .meta({ id: 'AuditLog', description: 'One line of the audit log.' });

export const auditPageSchema = z
  .object({ logs: z.array(auditEntrySchema), has_more: z.boolean().describe('There is a next page.') })
  .meta({ id: 'AuditLogPage', description: 'The newest first.' });

export const auditActionsSchema = z
  .object({
    actions: z.record(
      z.string(),
      z.object({
        label: z.string(),
        actions: z.array(z.object({ name: z.string(), label: z.string(), description: z.string() })),
      }),
    ),
  })
  .meta({ id: 'AuditLogActions', description: 'What can be in a log, by groups: an action is GROUP.NAME.' });
