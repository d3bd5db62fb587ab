/** The audit log: who did what, and who was refused what. The activity of repositories is read from it, and moves into it. */
import type { Words } from '../words.ts';

export function audit({ counter }: Words): string[] {
  return [
    // Names are kept as they were: neither accounts nor repositories have to be there any more, and ids are never given twice.
    // `actor` is an account's name, or (hub), (shell), (anonymous); `account` whose log it is in, '' the hub's; `data` is JSON.
    `CREATE TABLE audit (
       id            ${counter},
       happened_at   BIGINT  NOT NULL,
       action        TEXT    NOT NULL,
       outcome       TEXT    NOT NULL,
       actor         TEXT    NOT NULL,
       actor_id      INTEGER,
       token         TEXT,
       address       TEXT,
       request_id    TEXT,
       account       TEXT    NOT NULL,
       name          TEXT    NOT NULL,
       repository_id INTEGER,
       data          TEXT    NOT NULL,
       times         INTEGER NOT NULL)`,
    `INSERT INTO audit (happened_at, action, outcome, actor, actor_id, account, name, repository_id, data, times)
       SELECT a.happened_at, ${actions}, 'done', coalesce(b.name, ''), a.account_id, r.namespace,
         r.namespace || '/' || r.name, a.repository_id, ${data}, 1
       FROM activity a JOIN repositories r ON r.id = a.repository_id LEFT JOIN accounts b ON b.id = a.account_id
       ORDER BY a.id`,
    'DROP TABLE activity',
    // Newest first: of everything, of one account, by one actor, of one repository; and refusals, of which only so many are kept.
    'CREATE INDEX audit_time ON audit (happened_at, id)',
    'CREATE INDEX audit_account ON audit (account, happened_at, id)',
    'CREATE INDEX audit_actor ON audit (actor_id, happened_at, id)',
    'CREATE INDEX audit_repository ON audit (repository_id, happened_at, id) WHERE repository_id IS NOT NULL',
    `CREATE INDEX audit_refused ON audit (id) WHERE outcome = 'refused'`,
  ];
}

const actions = `CASE a.kind
  WHEN 'created' THEN 'repo.create' WHEN 'pushed' THEN 'repo.tag.push' WHEN 'tag_restored' THEN 'repo.tag.restore'
  WHEN 'tag_deleted' THEN CASE WHEN a.reference LIKE '%:%' THEN 'repo.manifest.delete' ELSE 'repo.tag.delete' END
  WHEN 'made_public' THEN 'repo.change_privacy' WHEN 'made_private' THEN 'repo.change_privacy'
  WHEN 'right_changed' THEN 'repo.right.change' WHEN 'moved' THEN 'repo.move'
  WHEN 'deleted' THEN 'repo.delete' WHEN 'restored' THEN 'repo.restore' ELSE 'repo.update' END`;

/** None of these texts has a quote or a backslash but the name of a team. */
const quoted = (column: string): string => `replace(replace(${column}, '\\', '\\\\'), '"', '\\"')`;

const data = `CASE
  WHEN a.kind = 'made_public' THEN '{"privacy":"public"}'
  WHEN a.kind = 'made_private' THEN '{"privacy":"private"}'
  WHEN a.kind = 'right_changed'
    THEN '{"to":"' || ${quoted("coalesce(a.detail, '')")} || '","permission":"' || coalesce(a.permission, '') || '"}'
  WHEN a.kind = 'moved' THEN '{"from":"' || coalesce(a.detail, '') || '"}'
  WHEN a.reference LIKE '%:%' THEN '{"digest":"' || a.reference || '"}'
  WHEN a.digest IS NOT NULL THEN '{"tag":"' || a.reference || '","digest":"' || a.digest || '"}'
  WHEN a.reference IS NOT NULL THEN '{"tag":"' || a.reference || '"}'
  ELSE '{}' END`;
