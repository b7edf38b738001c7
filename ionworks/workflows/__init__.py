"""Operations that consist of several requests."""
