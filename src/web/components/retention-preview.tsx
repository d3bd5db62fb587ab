/** What a policy would remove, by name, and why the rest stays. */
import { Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { RetentionPolicy, RetentionPreview } from '../../hub-api/types.ts';
import { useFormat } from '../text/format.ts';
import { RelativeTime } from './relative-time.tsx';

interface PreviewProps {
  readonly preview: RetentionPreview;
  readonly rules: RetentionPolicy['rules'];
}

type PreviewedRepository = RetentionPreview['repositories'][number];

export function RetentionPreviewList({ preview, rules }: PreviewProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { removed_count: removed, kept_count: kept, untagged_count: untagged } = preview;
  return (
    <Stack gap="sm" role="status">
      <Text size="sm" fw={600}>
        {t('retention.would', {
          removed: format.number(removed),
          untagged: format.number(untagged),
          kept: format.number(kept),
        })}
      </Text>
      {!preview.is_complete && <Text size="sm">{t('retention.incomplete')}</Text>}
      {preview.repositories.map((repository) => (
        <Repository key={repository.repository} repository={repository} rules={rules} />
      ))}
    </Stack>
  );
}

function Repository({
  repository,
  rules,
}: { readonly repository: PreviewedRepository } & Pick<PreviewProps, 'rules'>) {
  const { t } = useTranslation();
  const reason = ({ because, rule }: PreviewedRepository['kept'][number]): string => {
    if (because !== 'rule' || rule === null) return t(`retention.because.${because}`);
    return t('retention.because.rule', {
      number: rule + 1,
      kind: t(`retention.kinds.${rules[rule]?.keep ?? 'always'}`),
    });
  };
  return (
    <section>
      <Title order={3} size="h6" mb={4}>
        {repository.repository}
      </Title>
      <ul className="rows card" aria-label={repository.repository}>
        {repository.removed.map(({ tag, last_pushed: pushed }) => (
          <li key={tag} className="row row-small setting-row">
            <bdi className="mono">{tag}</bdi>
            <Text size="xs" c="red" ta="end">
              {t('retention.goes')} · <RelativeTime time={pushed} />
            </Text>
          </li>
        ))}
        {repository.untagged.map((digest) => (
          <li key={digest} className="row row-small setting-row">
            <span className="mono">{digest.slice(0, 19)}</span>
            <Text size="xs" c="red" ta="end">
              {t('retention.untaggedGoes')}
            </Text>
          </li>
        ))}
        {repository.kept.map((tag) => (
          <li key={tag.tag} className="row row-small setting-row">
            <bdi className="mono">{tag.tag}</bdi>
            <Text size="xs" c="dimmed" ta="end">
              {reason(tag)}
            </Text>
          </li>
        ))}
      </ul>
    </section>
  );
}
