import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { noticeSchema } from '../../core/notices/notice-schema';
import { INTAKE_JOB, INTAKE_QUEUE, intakeJobSchema } from '../../core/platform/queues';

const FILE = join(__dirname, '../../docs/notice-job.schema.json');

const toJsonSchema = (schema: z.ZodType): z.core.JSONSchema.BaseSchema =>
  z.toJSONSchema(schema, {
    io: 'input',
    // `example` belongs to OpenAPI; JSON Schema has a list.
    override: ({ jsonSchema }) => {
      const { example } = jsonSchema as { example?: string };
      if (example !== undefined) jsonSchema.examples = [example];
      delete jsonSchema.example;
    },
  });

/** Creates the JSON Schema of the queue's job data, with the schema of the notice in it. */
function describeJob() {
  const { $schema, properties, ...job } = toJsonSchema(intakeJobSchema);
  return {
    $schema,
    title: `Data of a job ${INTAKE_JOB} in the queue ${INTAKE_QUEUE}`,
    ...job,
    properties: {
      ...properties,
      notice: {
        ...(properties?.notice as object),
        description: 'the JSON of a notice, as text, exactly as it was signed',
        contentMediaType: 'application/json',
        contentSchema: { $ref: '#/$defs/Notice' },
      },
    },
    $defs: toJsonSchema(noticeSchema).$defs,
  };
}

describe('docs/notice-job.schema.json', () => {
  // After a change of the schemas: WRITE_SCHEMA=1 npx jest notice-job-schema && npm run format
  if (process.env.WRITE_SCHEMA) writeFileSync(FILE, JSON.stringify(describeJob(), null, 2));

  it('equals the schemas in the code', () => {
    expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(JSON.parse(JSON.stringify(describeJob())));
  });

  it('requires of a notice what the API requires, and no more', () => {
    const { required, additionalProperties } = describeJob().$defs?.Notice ?? {};
    expect(required).toEqual(['reference', 'recipient', 'subject']);
    expect(additionalProperties).toBe(false);
  });
});
