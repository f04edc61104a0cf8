const UUID_PATTERN = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether PostgreSQL takes this text as a uuid in its usual form; addresses hold anything people type. */
export const isUuid = (text: string): boolean => UUID_PATTERN.test(text);
