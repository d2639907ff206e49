export type InitGeneratorSchema = Readonly<Record<string, never>>;
