/** The hub's API, from its OpenAPI document. What the document says is in English; the page around it is in the reader's language. */
import { Anchor, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiDocumentPath } from '../../hub-api/document-path.ts';
import { type ApiDocument, groupsOf } from '../api-document/document.ts';
import { ApiOperation } from '../components/api-operation.tsx';
import { Failure } from '../components/failure.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { isFailed, useApiDocument } from '../hub/queries.ts';
import { usePageTitle } from '../text/page-title.ts';

export function ApiPage() {
  const { t } = useTranslation();
  usePageTitle(t('api.title'));
  const document = useApiDocument();
  return (
    <Stack gap="lg">
      <div>
        <Title order={1} size="h2">
          {t('api.title')}
        </Title>
        <Text c="dimmed" mt={4}>
          {t('api.lead')}{' '}
          <Anchor href={apiDocumentPath} underline="always">
            {t('api.download')}
          </Anchor>
        </Text>
      </div>
      {document.isPending ? (
        <ListSkeleton />
      ) : isFailed(document) ? (
        <Failure error={document.error} retry={document.refetch} />
      ) : (
        <Operations document={document.data} />
      )}
    </Stack>
  );
}

function Operations({ document }: { readonly document: ApiDocument }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState('');
  const groups = groupsOf(document, filter.trim());
  return (
    <>
      <TextInput
        aria-label={t('api.filter')}
        placeholder={t('api.filter')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      {groups.length === 0 && (
        <Text c="dimmed" role="status">
          {t('api.noMatch', { query: filter })}
        </Text>
      )}
      {groups.map(({ name, entries }) => (
        <section key={name} lang="en">
          <Title order={2} size="h4" mb="sm">
            {name}
          </Title>
          <ul className="card rows">
            {entries.map((entry) => (
              <ApiOperation key={entry.operation.operationId} document={document} entry={entry} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
