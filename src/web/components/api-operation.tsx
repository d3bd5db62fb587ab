/** One operation of the API: closed it says what it is for, open what goes in and what comes out. */
import { Badge } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ApiDocument, type ApiEntry, bodyOf } from '../api-document/document.ts';
import { ApiFields } from './api-fields.tsx';

interface ApiOperationProps {
  readonly document: ApiDocument;
  readonly entry: ApiEntry;
}

export function ApiOperation({ document, entry }: ApiOperationProps) {
  const { method, path, operation } = entry;
  const [isOpen, setOpen] = useState(false);
  return (
    <li>
      <details className="api-operation" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="row">
          <Badge variant="light" color={method === 'DELETE' ? 'red' : 'quay'} radius="sm" w={72}>
            {method}
          </Badge>
          <code className="api-path">{path}</code>
          <span className="api-summary">{operation.summary}</span>
        </summary>
        {isOpen && <Details document={document} entry={entry} />}
      </details>
    </li>
  );
}

function Details({ document, entry }: ApiOperationProps) {
  const { t } = useTranslation();
  const { parameters, requestBody, responses, description, security } = entry.operation;
  const body = bodyOf(requestBody?.content);
  const needsSession = security.length > 0 && security.every((each) => Object.keys(each).length > 0);
  return (
    <div className="api-details">
      <p>
        {needsSession ? t('api.needsSession') : t('api.forEverybody')} {description}
      </p>
      {parameters.length > 0 && (
        <Part title={t('api.parameters')}>
          <ApiFields
            document={document}
            fields={parameters.map((parameter) => ({
              name: parameter.name,
              isRequired: parameter.in === 'path',
              schema: { ...parameter.schema, description: parameter.description ?? '' },
            }))}
          />
        </Part>
      )}
      {body && (
        <Part title={t('api.body')}>
          <ApiFields document={document} schema={body} />
        </Part>
      )}
      {Object.entries(responses).map(([status, response]) => {
        const answer = bodyOf(response.content);
        return (
          <Part key={status} title={status === 'default' ? t('api.refusal') : t('api.answer', { status })}>
            {answer ? <ApiFields document={document} schema={answer} /> : <p>{response.description}</p>}
          </Part>
        );
      })}
    </div>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
