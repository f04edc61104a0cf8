import fc from 'fast-check';

/** The part of JSON Schema that the document uses. Any other keyword is an error, so that none is ignored. */
export interface JsonSchema {
  $ref?: string;
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  enum?: unknown[];
  maxItems?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  example?: unknown;
}

type Resolve = (ref: string) => JsonSchema;

/** Makes texts that are long, empty, in other scripts, or meant for an attack. */
export const anyText = (maxLength = 300): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ maxLength }),
    fc.string({ unit: 'binary', maxLength }),
    fc.string({ unit: 'grapheme', maxLength }),
    fc.constantFrom(
      '',
      ' ',
      '\0',
      '../../etc/passwd',
      "' OR 1=1 --",
      '<script>',
      '\r\nX-A: b',
      '\u202e',
      '0',
      '-1',
    ),
    fc.constant('x'.repeat(maxLength + 1)),
  );

/** Makes values of a schema. Rules beyond the schema may still refuse them. */
export function valuesOf(schema: JsonSchema, resolve: Resolve): fc.Arbitrary<unknown> {
  const of = (part: JsonSchema) => valuesOf(part, resolve);
  if (schema.$ref) return of(resolve(schema.$ref));
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(of));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const { properties = {}, required: requiredKeys = [], maxItems = 3 } = schema;
  const fields = Object.entries(properties).map(([name, part]) => [name, of(part)] as const);
  switch (schema.type) {
    case 'object':
      return fc.record<Record<string, unknown>>(Object.fromEntries(fields), { requiredKeys });
    case 'array':
      return fc.array(of(schema.items as JsonSchema), { maxLength: Math.min(maxItems, 3) });
    case 'string':
      return textsOf(schema);
    case 'null':
      return fc.constant(null);
    default:
      throw new Error(`no values are known of ${JSON.stringify(schema)}`);
  }
}

/** Makes texts of a schema, often its example: an example gets further than a generated text. */
function textsOf({ example, format, pattern, maxLength = 200 }: JsonSchema): fc.Arbitrary<string> {
  const text = () => {
    if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
    // fast-check makes no text for a pattern with Unicode classes; the document has one such pattern, an email address.
    if (pattern?.includes('\\p{')) return fc.emailAddress();
    return pattern ? fc.stringMatching(new RegExp(pattern, 'u')) : fc.string({ unit: 'grapheme', maxLength });
  };
  if (example === undefined) return text();
  return fc.oneof({ weight: 4, arbitrary: fc.constant(String(example)) }, { weight: 1, arbitrary: text() });
}

/** Makes values of a schema, values with one change, and any values. */
export function nearlyValuesOf(schema: JsonSchema, resolve: Resolve): fc.Arbitrary<unknown> {
  const right = valuesOf(schema, resolve);
  const wrong = fc.oneof(fc.jsonValue(), anyText(), fc.constantFrom(1e308, -0, {}, [], [[]]));
  const spoilt = fc.tuple(right, fc.nat(), wrong, fc.constantFrom('replace', 'remove', 'add')).map(spoil);
  return fc.oneof(
    { weight: 3, arbitrary: right },
    { weight: 3, arbitrary: spoilt },
    { weight: 1, arbitrary: wrong },
  );
}

/** Removes, adds or replaces one place of a value. */
function spoil([value, place, other, how]: [unknown, number, unknown, string]): unknown {
  const copy = structuredClone(value);
  const holders = holdersIn(copy);
  const holder = holders[place % (holders.length || 1)];
  if (!holder) return other;
  const keys = Object.keys(holder);
  const key = keys[place % (keys.length || 1)];
  if (how === 'add' || key === undefined) holder.unknown = other;
  else if (how === 'remove') delete holder[key];
  else holder[key] = other;
  return copy;
}

const holdersIn = (value: unknown): Record<string, unknown>[] =>
  typeof value === 'object' && value !== null
    ? [value as Record<string, unknown>, ...Object.values(value).flatMap(holdersIn)]
    : [];
