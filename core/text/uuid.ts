const UUID_PATTERN = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Checks for a UUID in its usual form, before PostgreSQL refuses a text from an address with an error. */
export const isUuid = (text: string): boolean => UUID_PATTERN.test(text);
