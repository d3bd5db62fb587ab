/** The fields of a schema as a list, with those of what they hold below them. */
import { useTranslation } from 'react-i18next';
import { type ApiDocument, type ApiSchema, fieldsOf, resolve, typeOf } from '../api-document/document.ts';

/** Deeper than any answer of the hub. */
const maxDepth = 5;

interface Field {
  readonly name: string;
  readonly isRequired: boolean;
  readonly schema: ApiSchema;
}

interface ApiFieldsProps {
  readonly document: ApiDocument;
  readonly schema?: ApiSchema;
  readonly fields?: readonly Field[];
  readonly depth?: number;
}

export function ApiFields({ document, schema = {}, fields, depth = 0 }: ApiFieldsProps) {
  const all = fields ?? fieldsOf(document, schema);
  if (all.length === 0) return depth === 0 ? <code className="api-type">{typeOf(schema)}</code> : null;
  return (
    <ul className="api-fields">
      {all.map((field) => (
        <FieldRow key={field.name} document={document} field={field} depth={depth} />
      ))}
    </ul>
  );
}

function FieldRow({
  document,
  field: { name, isRequired, schema },
  depth,
}: {
  readonly document: ApiDocument;
  readonly field: Field;
  readonly depth: number;
}) {
  const { t } = useTranslation();
  const description = schema.description ?? resolve(document, schema).description;
  return (
    <li>
      <code>{name}</code> <code className="api-type">{typeOf(schema)}</code>
      {!isRequired && <span className="api-note"> {t('api.optional')}</span>}
      {description && <div className="api-note">{description}</div>}
      {depth < maxDepth && <ApiFields document={document} schema={schema} depth={depth + 1} />}
    </li>
  );
}
