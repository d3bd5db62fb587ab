/** What only an administrator sees and does: accounts, storage, garbage, settings, failures. */
import { z } from 'zod';
import { pageOf, pageQuery, time } from './common.ts';
import { publicUser } from './users.ts';

export const administeredUserSchema = z
  .object({
    ...publicUser,
    email: z.string(),
    is_admin: z.boolean(),
    is_active: z.boolean(),
    has_second_factor: z.boolean(),
    last_seen: time.nullable().describe('Within some minutes; null without a session.'),
  })
  .meta({ id: 'AdministeredUser' });

export const administeredUserPageSchema = pageOf('AdministeredUserPage', administeredUserSchema);

export const administeredUserQuery = z.object({
  ...pageQuery,
  query: z.string().max(254).default('').describe('Part of a name or of an email address.'),
});

export const administerUserSchema = z
  .object({
    is_admin: z.boolean().optional(),
    is_active: z
      .boolean()
      .optional()
      .describe('An inactive account is signed out everywhere and cannot sign in; what it owns stays.'),
    second_factor: z.literal(false).optional().describe('Turns two-factor authentication off.'),
  })
  .meta({ id: 'AdministerUserRequest', description: 'What is left out stays.' });

const namespaceStorageSchema = z
  .object({
    namespace: z.string(),
    repositories: z.int(),
    tags: z.int(),
    bytes: z.int().describe('Of each repository by itself: layers that several share count in each.'),
  })
  .meta({ id: 'NamespaceStorage' });

const disk = z
  .object({ free: z.int(), size: z.int() })
  .describe('Of the disk that the blobs are on, in bytes.');

export const storagePageSchema = z
  .object({
    count: z.int(),
    next: z.string().nullable(),
    previous: z.string().nullable(),
    results: z.array(namespaceStorageSchema),
    disk,
  })
  .meta({ id: 'StoragePage', description: 'Namespaces, the largest first.' });

export const storageQuery = z.object(pageQuery);

const collected = {
  dry_run: z.boolean(),
  untagged: z.boolean(),
  started_at: time,
  manifests: z.int().describe('Untagged ones that went.'),
  blobs: z.int(),
  bytes: z.int().describe('Of the blobs.'),
};

const collectionSchema = z
  .object({
    id: z.int(),
    cause: z.enum(['schedule', 'shell', 'person']),
    by: z.string().describe('Who asked for it, or nothing.'),
    ended_at: time.nullable().describe('Null while it runs, and for ever where it was cut off.'),
    failure: z.string().nullable(),
    ...collected,
  })
  .meta({ id: 'GarbageCollection' });

export const garbageSchema = z
  .object({
    running: z
      .object(collected)
      .nullable()
      .describe('What this process does now, with what has gone so far.'),
    results: z.array(collectionSchema).describe('The latest first, at most 50.'),
  })
  .meta({ id: 'Garbage' });

export const collectGarbageSchema = z
  .object({
    dry_run: z.boolean().describe('Tells what would go, and removes nothing.'),
    untagged: z.boolean().default(false).describe('Removes images that no tag names as well.'),
  })
  .meta({ id: 'CollectGarbageRequest' });

export const settingsSchema = z
  .object({
    settings: z.array(z.object({ flag: z.string(), variable: z.string(), value: z.string() })),
  })
  .meta({ id: 'HubSettings', description: 'As whoever starts the hub writes them.' });

export const failureListSchema = z
  .object({
    results: z.array(
      z
        .object({ at: time, method: z.string(), path: z.string(), message: z.string() })
        .meta({ id: 'RequestFailure' }),
    ),
  })
  .meta({ id: 'RequestFailures', description: 'Faults of the hub, the latest first, since it was started.' });
