"""PostgreSQL's index names owners as no word begins: each search for "ow" found everything."""

from django.db import migrations

from reader.finding import passages


def fill(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        passages.fill(apps.get_model("reader", "Block").objects)


class Migration(migrations.Migration):
    dependencies = [("reader", "0027_collection_feeds")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
