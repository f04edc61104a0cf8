import { createKavenegar } from '../../core/channels/kavenegar/kavenegar';
import type { OnCall } from '../../core/channels/outcomes';
import type { Config, WORKERS_REQUIRED_SETTINGS } from '../../core/platform/config';

export type SmsLine = ReturnType<typeof createKavenegar>;

/** Creates the lines for SMS: the first one, and those of KAVENEGAR_LINES, whose names begin with the name of the first. */
export function createSmsLines(
  config: Config<(typeof WORKERS_REQUIRED_SETTINGS)[number]>,
  onCall: OnCall,
): SmsLine[] {
  const shared = {
    baseUrl: config.KAVENEGAR_BASE_URL,
    otpTemplate: config.KAVENEGAR_OTP_TEMPLATE,
    blockedTemplate: config.KAVENEGAR_BLOCKED_TEMPLATE,
    onCall,
  };
  const { KAVENEGAR_API_KEY: apiKey, KAVENEGAR_SENDER: sender, KAVENEGAR_WEIGHT: weight } = config;
  const first = createKavenegar({ ...shared, apiKey, sender, weight });
  const further = (config.KAVENEGAR_LINES ?? []).map(({ name, baseUrl, ...line }) =>
    createKavenegar({
      ...shared,
      ...line,
      line: `${first.line}-${name}`,
      baseUrl: baseUrl ?? shared.baseUrl,
    }),
  );
  return [first, ...further];
}
