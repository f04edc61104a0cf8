import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type EmployerInput, employerSchema, nationalIdSchema } from '../../core/employers/employer-schema';
import type { createEmployers } from '../../core/employers/employers';
import { Refusal } from '../../core/platform/errors';
import { requireScope } from '../auth';
import { problemResponses } from '../problem';

const MAX_EMPLOYER_BYTES = 4 * 1024 * 1024;

const storedEmployerSchema = z
  .object({
    nationalId: z.string(),
    name: z.string(),
    mobile: z.string().nullable().meta({ description: '+989…' }),
    email: z.string().nullable(),
    workshops: z.array(
      z.object({
        code: z.string(),
        name: z.string(),
        agreement: z.object({ signedAt: z.iso.datetime(), branch: z.string() }).nullable(),
      }),
    ),
  })
  .meta({ id: 'StoredEmployer' });

export const employerRoutes =
  (employers: Pick<ReturnType<typeof createEmployers>, 'put'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.put('/employers/:nationalId', {
      bodyLimit: MAX_EMPLOYER_BYTES,
      onRequest: requireScope('employers'),
      schema: {
        summary: 'Put an employer into the register',
        description: 'Replaces what the register had: workshops that are not named are gone.',
        tags: ['employers'],
        params: z.object({ nationalId: z.string().meta({ description: 'کد ملی or شناسه ملی' }) }),
        body: employerSchema,
        response: {
          200: storedEmployerSchema,
          ...problemResponses('forbidden', 'not_found', 'too_large', 'invalid_national_id'),
        },
      },
      handler: async (request) => {
        const nationalId = parseNationalId(request.params.nationalId);
        await employers.put(nationalId, request.body);
        return toStoredEmployer(nationalId, request.body);
      },
    });
  };

function parseNationalId(text: string): string {
  const parsed = nationalIdSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new Refusal('invalid_national_id', 'The address does not hold a national ID.', [
    { path: 'nationalId', message: 'is not a national ID' },
  ]);
}

function toStoredEmployer(nationalId: string, { name, mobile, email, workshops }: EmployerInput) {
  return {
    nationalId,
    name,
    mobile: mobile ?? null,
    email: email ?? null,
    workshops: workshops.map(({ agreement, ...workshop }) => ({
      ...workshop,
      agreement: agreement && { ...agreement, signedAt: new Date(agreement.signedAt).toISOString() },
    })),
  };
}
