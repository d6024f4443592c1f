from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reader", "0030_narration"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="block",
            name="block_by_text_hash",
        ),
        migrations.AddIndex(
            model_name="block",
            index=models.Index(fields=["text_hash", "document"], name="block_by_text"),
        ),
    ]
