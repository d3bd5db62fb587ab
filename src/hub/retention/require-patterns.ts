/** Looks at a policy that somebody gives before it is taken. */
import { messageOf } from '../../lib/errors.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import { NamePattern } from '../repositories/name-pattern.ts';
import type { RetentionRules } from './policy.ts';

/** @throws FieldsError naming the rule. */
export function requirePatterns(policy: RetentionRules): RetentionRules {
  for (const [index, { tags }] of policy.rules.entries()) {
    try {
      NamePattern.of(tags);
    } catch (cause) {
      throw new FieldsError({ [`rules.${index}.tags`]: [messageOf(cause)] });
    }
  }
  return policy;
}
