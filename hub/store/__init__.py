"""PostgreSQL: models, migrations, SQL. Rows never leave this folder."""
