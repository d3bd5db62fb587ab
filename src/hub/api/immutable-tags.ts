/** Which tags of a repository never move. */
import {
  immutableTagsSchema,
  repositorySchema,
  verifiedRuleSchema,
  verifyRuleSchema,
} from '../../hub-api/schemas/repositories.ts';
import { InvalidError } from '../../lib/errors.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import { TagRules } from '../repositories/tag-rules.ts';
import { authorize } from './access.ts';
import { requireAccount } from './call.ts';
import { describeRepository } from './describe-repository.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

const maxVerified = 1000;
/** Others are answered in between: a nasty rule takes milliseconds for each tag. */
const sliceSize = 10;

const setImmutableTags = route({
  method: 'PATCH',
  ...below('/immutabletags'),
  id: 'setImmutableTags',
  tag: 'Tags',
  summary: 'Make tags immutable: those that a rule matches are neither moved nor deleted.',
  auth: 'required',
  params: repositoryParams,
  body: immutableTagsSchema,
  answers: { 200: repositorySchema },
  async handle(parts, call) {
    const { path } = await authorize(parts, call, 'admin');
    const { immutable_tags: immutableTags, immutable_tags_rules: immutableRules } = await call.body();
    if (immutableRules) readRules('immutable_tags_rules', immutableRules);
    const changes = { immutableTags, ...(immutableRules && { immutableRules }) };
    await parts.changes.make(() => parts.repositories.update(path, changes), {
      kind: 'repository-updated',
      repository: path.path,
      account: requireAccount(call).name,
      change: 'settings_changed',
    });
    return Response.json(await describeRepository(parts, call, path));
  },
});

const verifyRule = route({
  method: 'POST',
  ...below('/immutabletags/verify'),
  id: 'verifyImmutableTagsRule',
  tag: 'Tags',
  summary: 'Which tags a rule would match.',
  auth: 'required',
  params: repositoryParams,
  body: verifyRuleSchema,
  answers: { 200: verifiedRuleSchema },
  async handle(parts, call) {
    const { repository } = await authorize(parts, call, 'admin');
    const rules = readRules('regex', [(await call.body()).regex]);
    const names = await parts.tags.names(repository.id, '', maxVerified);
    const tags: string[] = [];
    for (let at = 0; at < names.length; at += sliceSize) {
      tags.push(...names.slice(at, at + sliceSize).filter((name) => rules.match(name)));
      await Bun.sleep(0);
    }
    return Response.json({ tags });
  },
});

export const immutableTagRoutes: readonly Route[] = [setImmutableTags, verifyRule];

/** @throws FieldsError */
function readRules(field: string, rules: readonly string[]): TagRules {
  try {
    return new TagRules(rules);
  } catch (error) {
    if (error instanceof InvalidError) throw new FieldsError({ [field]: [error.message] });
    throw error;
  }
}
