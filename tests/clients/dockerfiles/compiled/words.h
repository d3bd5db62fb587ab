#define UNIT "words"
